"""Pictures of paper: dots as received, letters where they stand, and a band that says whether the piece is whole."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.practice.paper import CommandReader, Paper, PaperTicket
from app.practice.printer_pictures import BAND, STATES, TOOTH, draw_dots, draw_png
from tests.practice.test_printer_labels import HEAD
from tests.practice.test_printer_labels import printed as labels

START, CUT = b"\x1b@\x1c&", b"\x1dVB\x00"


def piece_of(payload: bytes, width_mm: int = 80) -> PaperTicket:
    paper = Paper(width_mm)
    for command in CommandReader().feed(payload):
        paper.execute(command)
    return [*paper.pieces, *filter(None, [paper.hanging])][-1]


def opened(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")


@given(st.binary(min_size=9, max_size=9), st.sampled_from((80, 58)))
def test_dots_are_shown_bit_by_bit(dots: bytes, width_mm: int) -> None:
    drawn = draw_dots(piece_of(START + b"\x1dv0\x00\x03\x00\x03\x00" + dots + b"x\n" + CUT, width_mm))
    assert drawn.width == {80: 576, 58: 384}[width_mm]
    assert drawn.crop((0, 0, 24, 3)).tobytes() == dots
    assert drawn.crop((24, 0, drawn.width, 3)).getbbox() is None


def test_letters_stand_where_the_printer_puts_them() -> None:
    plain = draw_dots(piece_of(START + b"iii\n" + CUT))
    large = draw_dots(piece_of(START + b"\x1d!\x11iii\n" + CUT))
    right = draw_dots(piece_of(START + b"\x1ba\x02iii\n" + CUT))
    boxes = [drawn.getbbox() for drawn in (plain, large, right)]
    assert all(boxes)
    (plain_box, large_box, right_box) = (box for box in boxes if box)
    assert (plain.height, large.height) == (34, 48)
    assert plain_box[2] <= 36 < large_box[2] <= 72
    assert (right_box[0] - plain_box[0], right_box[2] - plain_box[2]) == (576 - 36, 576 - 36)


def test_reverse_type_is_white_on_black() -> None:
    plain = draw_dots(piece_of(START + b"VOID\n" + CUT)).crop((0, 0, 48, 24))
    reverse = draw_dots(piece_of(START + b"\x1dB\x01VOID\n" + CUT)).crop((0, 0, 48, 24))
    assert reverse.tobytes() == bytes(byte ^ 0xFF for byte in plain.tobytes())


def test_a_code_is_drawn_in_squares_of_its_size() -> None:
    code = b"\x1d(k\x03\x00\x31\x43\x05\x1d(k\x06\x00\x31\x50\x30T-1\x1d(k\x03\x00\x31\x51\x30"
    drawn = draw_dots(piece_of(START + code + CUT))
    assert drawn.getbbox() == (0, 0, 21 * 5, 21 * 5)  # version 1 has 21 squares
    assert drawn.crop((0, 0, 35, 5)).tobytes() == Image.new("1", (35, 5), 255).tobytes()  # the finder's upper edge


def test_a_label_is_drawn_to_its_size_and_zero_bits_are_black() -> None:
    (piece,) = labels(HEAD + b"BITMAP 16,100,1,2,0,\x0f\xff\r\nBAR 0,0,8,8\r\nREVERSE 0,0,16,8\r\nPRINT 1\r\n")
    drawn = draw_dots(piece)
    assert drawn.size == (400, 240)
    assert drawn.crop((16, 100, 24, 102)).tobytes() == b"\xf0\x00"
    assert drawn.crop((0, 0, 16, 1)).tobytes() == b"\x00\xff"


@pytest.mark.parametrize(
    ("payload", "state"),
    [
        (START + b"x\n" + CUT, "complete"),
        (START + b"torn\n" + START + b"x\n" + CUT, "glued"),
    ],
)
def test_the_band_tells_whether_it_is_whole(payload: bytes, state: str) -> None:
    piece = piece_of(payload)
    picture = opened(draw_png(piece))
    red, green, blue = (int(STATES[state][1][place : place + 2], 16) for place in (1, 3, 5))
    assert piece.state == state
    assert picture.size == (576, BAND + 34 + 2 * TOOTH)
    assert picture.getpixel((570, 2)) == (red, green, blue)
    teeth = {picture.getpixel((x, BAND + 1)) for x in range(576)}
    assert ((red, green, blue) in teeth) is (state == "glued")


def test_a_torn_piece_ends_in_teeth_and_one_still_in_the_printer_does_not() -> None:
    paper = Paper()
    for command in CommandReader().feed(START + b"x\n"):
        paper.execute(command)
    piece = paper.hanging
    assert piece
    torn, hanging = opened(draw_png(piece)), opened(draw_png(piece, "hanging"))
    last = torn.height - 1
    assert torn.getpixel((0, 2)) != hanging.getpixel((0, 2))
    assert {torn.getpixel((x, last)) for x in range(576)} != {(255, 255, 255)}
    assert {hanging.getpixel((x, last)) for x in range(576)} == {(255, 255, 255)}


def test_an_empty_piece_can_be_drawn() -> None:
    assert draw_dots(PaperTicket(started_at=0.0)).size == (576, 34)
