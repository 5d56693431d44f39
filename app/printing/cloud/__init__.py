"""Cloud printers: the vendor's HTTP service stands between this computer and the paper, and is asked what came out."""
