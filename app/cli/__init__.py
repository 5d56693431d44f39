"""The command line: one module a command; each has `run(arguments) -> exit status`."""
