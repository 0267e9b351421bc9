"""Pixels of PNG and JPEG files: orientation, depth, size, and the files that are refused."""

import base64
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from explorer.digits.decoding import DEPTHS, WORKING_SIDE, decode, decode_file
from explorer.digits.preprocess import SketchError


def file(image: Image.Image, kind="png", **options) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def uri(content: bytes, kind="png") -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def corner() -> Image.Image:
    """Picture (30 x 20) that looks different after every turn."""
    image = Image.new("L", (30, 20), 200)
    image.paste(20, (0, 0, 16, 8))
    image.paste(120, (0, 12, 8, 20))
    return image


@pytest.mark.parametrize("kind", ["png", "jpeg"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_as_a_viewer_turns_it(kind, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = file(corner(), kind, exif=exif.tobytes())
    picture = decode_file(content)
    shown = ImageOps.exif_transpose(Image.open(io.BytesIO(content))).convert("RGB")
    assert np.array_equal(picture.pixels, np.asarray(shown))
    assert (picture.width, picture.height) == shown.size


@pytest.mark.parametrize(
    "exif", [b"", b"Exif\0\0nothing", b"Exif\0\0MM\0*\0\0\0\x08\0"]
)
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_exif_data_leave_a_picture_as_it_is(exif):
    picture = decode_file(file(corner(), "jpeg", exif=exif))
    assert picture.pixels.shape == (20, 30, 3)


def deep_png(values: np.ndarray) -> bytes:
    """PNG with 16 bits a value of (h, w, channels) uint16."""
    height, width, channels = values.shape
    header = struct.pack(">IIBBBBB", width, height, 16, (0, 4, 2, 6)[channels - 1], 0, 0, 0)  # fmt: skip
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )  # fmt: skip


@pytest.mark.parametrize("bits", DEPTHS)
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_all_bits_of_a_16_bit_file_count_however_many_are_in_use(bits, channels):
    most = 2**bits - 1
    values = np.linspace(0, most, 20 * 30 * channels).reshape(20, 30, channels)
    values = values.astype(np.uint16)
    if has_alpha := channels % 2 == 0:
        values[..., -1] = 2**16 - 1
    values[..., 0] = values[..., 0][:, ::-1]
    values[0, 0, 0] = most
    expected = values * (255 / most)
    if has_alpha:
        expected[..., -1] = 255
    pixels = decode_file(deep_png(values)).pixels
    assert np.allclose(pixels, expected, atol=0.01)


def test_a_large_picture_is_shrunk_and_its_size_is_kept():
    picture = decode_file(file(Image.new("L", (4032, 3024), 200), "jpeg"))
    assert picture.pixels.shape == (WORKING_SIDE * 3 // 4, WORKING_SIDE, 3)
    assert (picture.width, picture.height) == (4032, 3024)
    assert np.abs(picture.pixels - 200).max() <= 1


@pytest.mark.parametrize("is_deep", [False, True])
def test_transparent_pixels_lend_no_colour_to_their_neighbours(is_deep):
    image = Image.new("RGBA", (2048, 2048), (255, 255, 255, 0))
    image.paste((10, 20, 255, 255), (1, 1, 1025, 1025))
    deep = deep_png(np.asarray(image) * np.uint16(257))
    pixels = decode_file(deep if is_deep else file(image)).pixels
    visible = pixels[pixels[..., 3] > 60]
    assert np.abs(visible[:, :3] - (10, 20, 255)).max() <= 3


def scans(number: int) -> str:
    """Progressive JPEG whose last scan is repeated."""
    data = file(corner(), "JPEG", progressive=True)
    at = data.rindex(b"\xff\xda")
    return uri(data[:at] + data[at:-2] * number + data[-2:], "jpeg")


def test_a_jpeg_of_many_scans_and_a_large_picture_of_16_bits_are_refused_at_once():
    assert decode(scans(10)).width == corner().width
    with pytest.raises(SketchError, match="more than 40 scans"):
        decode(scans(4000))
    large = deep_png(np.zeros((2500, 2500, 1), np.uint16))
    with pytest.raises(SketchError, match="16 bits a value"):
        decode_file(large)


def animation() -> bytes:
    frames = [Image.new("L", (20, 20), grey) for grey in (0, 255)]
    return file(frames[0], save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "PNG or JPEG"),
        (None, "PNG or JPEG"),
        ("https://example.org/7.png", "PNG or JPEG"),
        ("data:image/gif;base64,R0lGODlhAQABAAAAACw=", "PNG or JPEG"),
        ("data:image/png;base64,!!!!", "damaged"),
        (uri(b"nothing"), "damaged"),
        (uri(file(corner())[:-60]), "damaged"),
        (uri(deep_png(np.zeros((20, 30, 3), np.uint16))[:-30]), "damaged"),
        ("data:image/png;base64," + "A" * 200_000, "at most 200000"),
        (uri(file(Image.new("1", (5000, 10)))), "5000 x 10 .* 8 to 4096"),
        (uri(file(Image.new("1", (20_000, 20_000)))), "too large.* 4096"),
        (uri(file(Image.new("1", (7, 5)))), "7 x 5 .* 8 to 4096"),
        (uri(animation()), "animated"),
    ],
)  # fmt: skip
def test_a_uri_that_is_no_picture_is_refused_with_one_sentence(text, word):
    with pytest.raises(SketchError, match=word) as error:
        decode(text)
    assert "\n" not in str(error.value)
