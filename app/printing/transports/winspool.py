"""The Windows print spooler (winspool.drv) by ctypes: raw jobs into a queue, and what becomes of them.

Calls and structures recalled from Microsoft's documentation; written without a Windows machine at hand. XPS and v4 drivers
take "XPS_PASS" for bytes that must not be touched, every other driver "RAW" (support.microsoft.com 2779300).
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import POINTER, Structure, byref, c_uint64, c_void_p, c_wchar_p, create_string_buffer
from ctypes import c_uint32 as dword
from typing import Protocol, TypeVar

T = TypeVar("T", bound=Structure)

XPS_DRIVER = 0x2  # PRINTER_DRIVER_XPS
FIRST_V4 = 4
NO_SUCH_JOB = 87  # ERROR_INVALID_PARAMETER
TOO_SMALL = 122  # ERROR_INSUFFICIENT_BUFFER
DELETE = 5  # JOB_CONTROL_DELETE


class Winspool(Protocol):
    """The spooler. `printer` is a handle. Every call raises OSError."""

    def open(self, name: str) -> int:
        """A queue's handle."""

    def is_xps(self, printer: int) -> bool:
        """Whether its driver wants XPS_PASS."""

    def start(self, printer: int, title: str, datatype: str) -> int:
        """Begin a job; answers its number."""

    def write(self, printer: int, payload: bytes) -> int:
        """Answers how much was taken."""

    def end(self, printer: int) -> None:
        """The job is whole: it may go to the printer."""

    def status(self, printer: int, job: int) -> int | None:
        """JOB_STATUS bits; None when the queue no longer knows the job."""

    def delete(self, printer: int, job: int) -> None:
        """Take the job out of the queue."""

    def close(self, printer: int) -> None:
        """Give the handle back."""


class DocInfo(Structure):
    """DOC_INFO_1W."""

    _fields_ = (("name", c_wchar_p), ("output", c_wchar_p), ("datatype", c_wchar_p))


class JobInfo(Structure):
    """The head of JOB_INFO_1W."""

    _fields_ = (
        ("job", dword),
        *((name, c_wchar_p) for name in ("printer", "machine", "user", "document", "datatype", "text")),
        ("status", dword),
    )


class DriverInfo(Structure):
    """DRIVER_INFO_8W as far as the attributes."""

    _fields_ = (
        ("version", dword),
        *((f"path{number}", c_void_p) for number in range(10)),
        ("date", dword * 2),
        ("driver_version", c_uint64),
        *((f"name{number}", c_void_p) for number in range(8)),
        ("attributes", dword),
    )


if sys.platform == "win32":

    class Spooler:
        """The real one."""

        def __init__(self) -> None:
            self._library = ctypes.WinDLL("winspool.drv", use_last_error=True)
            for name, arguments in _CALLS.items():
                getattr(self._library, name).argtypes = arguments

        def open(self, name: str) -> int:
            handle = c_void_p()
            self._call("OpenPrinterW", name, byref(handle), None)
            return handle.value or 0

        def is_xps(self, printer: int) -> bool:
            found = self._asked("GetPrinterDriverW", DriverInfo, printer, None, 8)
            return found.version >= FIRST_V4 or bool(found.attributes & XPS_DRIVER)

        def start(self, printer: int, title: str, datatype: str) -> int:
            job = self._call("StartDocPrinterW", printer, 1, byref(DocInfo(title, None, datatype)))
            self._call("StartPagePrinter", printer)
            return job

        def write(self, printer: int, payload: bytes) -> int:
            taken = dword()
            self._call("WritePrinter", printer, payload, len(payload), byref(taken))
            return taken.value

        def end(self, printer: int) -> None:
            self._call("EndPagePrinter", printer)
            self._call("EndDocPrinter", printer)

        def status(self, printer: int, job: int) -> int | None:
            try:
                return int(self._asked("GetJobW", JobInfo, printer, job, 1).status)
            except OSError as error:
                if error.winerror == NO_SUCH_JOB:
                    return None
                raise

        def delete(self, printer: int, job: int) -> None:
            self._call("SetJobW", printer, job, 0, None, DELETE)

        def close(self, printer: int) -> None:
            self._call("ClosePrinter", printer)

        def _asked(self, name: str, structure: type[T], *arguments: object) -> T:
            needed = dword()
            getattr(self._library, name)(*arguments, None, 0, byref(needed))
            if ctypes.get_last_error() != TOO_SMALL:
                raise ctypes.WinError(ctypes.get_last_error())
            buffer = create_string_buffer(max(needed.value, ctypes.sizeof(structure)))
            self._call(name, *arguments, buffer, len(buffer), byref(needed))
            return structure.from_buffer_copy(buffer)

        def _call(self, name: str, *arguments: object) -> int:
            if not (answer := getattr(self._library, name)(*arguments)):
                raise ctypes.WinError(ctypes.get_last_error())
            return int(answer)

    _CALLS = {
        "OpenPrinterW": (c_wchar_p, POINTER(c_void_p), c_void_p),
        "GetPrinterDriverW": (c_void_p, c_wchar_p, dword, c_void_p, dword, POINTER(dword)),
        "StartDocPrinterW": (c_void_p, dword, POINTER(DocInfo)),
        "StartPagePrinter": (c_void_p,),
        "WritePrinter": (c_void_p, ctypes.c_char_p, dword, POINTER(dword)),
        "EndPagePrinter": (c_void_p,),
        "EndDocPrinter": (c_void_p,),
        "GetJobW": (c_void_p, dword, dword, c_void_p, dword, POINTER(dword)),
        "SetJobW": (c_void_p, dword, dword, c_void_p, dword),
        "ClosePrinter": (c_void_p,),
    }
