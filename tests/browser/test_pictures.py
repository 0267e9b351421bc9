"""Pictures that a visitor chooses, pastes or drops: the digits found in them, links to one, and a sentence on every file that is no picture."""

import base64
import io
import re
import struct
import zlib
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import ExifTags, Image
from playwright.sync_api import expect

from benchmarks import photos
from explorer.digits import pictures
from explorer.digits.decoding import MAX_URI, decode_file
from tests.browser.pad import ONE, SEVENTH, draw, inked, reads, says, settled
from tests.browser.screens import PHONE

GIVE = """([selector, kind, files]) => {
  const transfer = new DataTransfer();
  for (const { name, type, text } of files) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type }));
  }
  const options = { bubbles: true, cancelable: true };
  const event = kind === "paste"
    ? new ClipboardEvent(kind, { ...options, clipboardData: transfer })
    : new DragEvent(kind, { ...options, dataTransfer: transfer });
  document.querySelector(selector).dispatchEvent(event);
}"""


DROP_LARGE = """() => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([new Uint8Array(31e6)], "large.jpg"));
  const event = new DragEvent("drop", { bubbles: true, dataTransfer });
  document.querySelector("#pad .pad").dispatchEvent(event);
}"""


def give(page, kind: str, *files: bytes, selector=".pad"):
    """Pastes or drops files."""
    written = [
        {"name": f"{at}.png", "type": "image/png", "text": base64.b64encode(file).decode()}
        for at, file in enumerate(files)
    ]  # fmt: skip
    page.evaluate(GIVE, [selector, kind, written])


def choose(page, file: bytes, name="digit.png", kind="image/png"):
    page.locator("#pad .file").set_input_files(
        {"name": name, "mimeType": kind, "buffer": file}
    )


def found(page):
    return page.locator("#pad .found")


@pytest.fixture
def seven(mnist) -> bytes:
    """Photo of a 7 that all networks read."""
    return photos.plain(mnist.test.images[0].numpy())


@pytest.fixture
def three_digits(mnist) -> bytes:
    """Photo of a 7, a 0 and a 4."""
    images = [mnist.test.images[index].numpy() for index in (0, 3, 4)]
    return photos.several(images, np.random.default_rng(1))


def framed(file: bytes) -> pictures.Segmentation:
    return pictures.segment(decode_file(file))


@pytest.mark.parametrize("way", ["choose", "paste", "drop"])
def test_a_picture_is_framed_by_the_server_and_read(visit, explorer, seven, way):
    page = visit(explorer.local_url)
    settled(page)
    if way == "choose":
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="A picture or photo").press("Enter")
        chooser.value.set_files(
            {"name": "7.png", "mimeType": "image/png", "buffer": seven}
        )
    else:
        give(page, way, seven)
    expect(found(page)).to_contain_text("One digit found.")
    reads(page, 7)
    digit = framed(seven).largest
    assert np.array_equal(inked(page), digit.image)
    box = found(page).get_by_role("button", name="The digit").bounding_box()
    sheet = found(page).locator("img").bounding_box()
    scale = sheet["width"] / decode_file(seven).width
    placed = (box["x"] - sheet["x"], box["y"] - sheet["y"], box["width"], box["height"])
    expected = (digit.box.left, digit.box.top, digit.box.width, digit.box.height)
    np.testing.assert_allclose(placed, np.multiply(expected, scale), atol=2)


def test_one_of_several_digits_is_chosen_by_keyboard_and_undone(
    visit, explorer, three_digits
):
    page = visit(explorer.local_url)
    choose(page, three_digits)
    expect(found(page)).to_contain_text("3 digits found: ")
    reads(page, 0)  # the largest
    boxes = found(page).get_by_role("button")
    expect(boxes).to_have_count(3)
    expect(boxes.nth(1)).to_have_attribute("aria-pressed", "true")
    boxes.nth(1).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    reads(page, 4)
    expect(boxes.nth(2)).to_be_focused()
    expect(boxes.nth(2)).to_have_attribute("aria-pressed", "true")
    boxes.first.click()
    reads(page, 7)
    draw(page, ONE)
    reads(page, 1)
    expect(found(page)).to_be_hidden()
    for digit in (7, 4, 0):
        page.get_by_role("button", name="Undo").click()
        reads(page, digit)
        expect(boxes).to_have_count(3)
    page.get_by_role("button", name="Redo").click()
    reads(page, 4)
    expect(boxes.nth(2)).to_have_attribute("aria-pressed", "true")


def test_a_link_holds_the_digit_of_a_picture_and_no_server_sees_it(
    visit, explorer, seven
):
    page = visit(explorer.local_url)
    choose(page, seven)
    expect(found(page)).to_contain_text("One digit found.")
    page.get_by_label("Fade the digit").fill("0.5")
    reads(page, 7)
    seen = inked(page)
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; }")
    page.get_by_role("button", name="Copy link").click()
    link = urlsplit(page.evaluate("window.copied"))
    assert link.fragment.startswith("digit=") and "digit" not in link.query
    again = visit(link.geturl())
    reads(again, 7)
    assert np.array_equal(inked(again), seen)
    expect(again.get_by_label("Fade the digit")).to_have_value("0.5")
    again.get_by_role("button", name="Look inside").click()
    expect(again.locator("#inside").get_by_text("Your digit")).to_be_visible()
    inside = f"{explorer.local_url}?tab=inside#{link.fragment}"
    expect(visit(inside).locator("#inside").get_by_text("Your digit")).to_be_visible()


@pytest.mark.parametrize("text", ["A" * 1046, "_" * 1045, "!" * 1046])
def test_a_link_to_a_blank_or_damaged_digit_opens_another(visit, explorer, text):
    page = visit(f"{explorer.local_url}{SEVENTH}#digit={text}")
    reads(page, 7)


def test_the_laboratory_takes_a_digit_of_a_picture_apart(visit, explorer, seven):
    page = visit(explorer.local_url + SEVENTH)
    choose(page, seven)
    expect(found(page)).to_contain_text("One digit found.")
    page.locator(".laboratory summary").press("Enter")
    expect(page.locator(".stage figcaption").first).to_have_text("as framed")
    page.get_by_label("turn, degrees").fill("1")  # the server's
    settled(page)
    expect(page.locator(".stage figcaption").first).to_have_text("as framed")
    reads(page, 7)


def photo(mnist, orientation: int) -> bytes:
    """JPEG of 12 megapixels as a phone held upright stores it, with EXIF data."""
    image = Image.fromarray(mnist.test.images[0].numpy())
    sheet = np.zeros((4032, 3024), np.float32)
    sheet[1100:2600, 700:2200] = image.resize((1500, 1500), Image.Resampling.BICUBIC)
    noise = np.random.default_rng(0).normal(0, 5, sheet.shape).astype(np.float32)
    upright = (220 - 0.7 * sheet + noise).clip(0, 255).astype(np.uint8)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    stored = Image.fromarray(upright).transpose(photos.STORED[orientation])
    return photos.saved(np.asarray(stored), "JPEG", exif=exif.tobytes())


def test_a_photo_of_a_phone_is_shrunk_turned_upright_and_sent_without_its_exif_data(
    visit, explorer, mnist
):
    page = visit(explorer.local_url, **PHONE)
    sent = []
    page.on("request", lambda asked: sent.append(asked.post_data or ""))
    file = photo(mnist, 6)
    assert len(file) > MAX_URI
    choose(page, file, "photo.jpg", "image/jpeg")
    expect(found(page)).to_contain_text("One digit found.")
    reads(page, 7)
    (asked,) = [text for text in sent if "data:image/" in text]
    uri = re.findall(r"data:image/[a-z]+;base64,[\w+/=]+", asked)[0]
    assert len(uri) <= MAX_URI
    content = base64.b64decode(uri.partition(",")[2])
    picture = Image.open(io.BytesIO(content))
    assert picture.size == (768, 1024) and not picture.getexif()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for selector in ("#pad .found img", ".pad"):
        box = page.locator(selector).bounding_box()
        assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert page.locator("#pad .found img").bounding_box()["y"] >= 0


def test_what_a_canvas_would_lose_is_sent_as_it_is(visit, explorer, mnist):
    page = visit(explorer.local_url)
    faint = photos.saved(
        255 - mnist.test.images[0].numpy().repeat(10, 0).repeat(10, 1).astype(np.uint16)
    )
    choose(page, faint)  # 8 of 16 bits in use: black to a browser
    expect(found(page)).to_contain_text("One digit found.")
    reads(page, 7)
    clear = np.zeros((280, 280, 4), np.uint8)
    clear[..., 3] = mnist.test.images[0].numpy().repeat(10, 0).repeat(10, 1) // 3
    page.get_by_role("button", name="Clear").click()
    choose(page, photos.saved(clear))
    expect(found(page)).to_contain_text("One digit found.")
    reads(page, 7)


def test_a_large_transparent_picture_is_shrunk_and_stays_transparent(
    visit, explorer, mnist
):
    page = visit(explorer.local_url)
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 60, (1120, 1120, 4), np.uint8)
    digit = mnist.test.images[0].numpy().repeat(40, 0).repeat(40, 1)
    pixels[..., 3] = np.where(digit > 128, rng.integers(200, 255, digit.shape), 0)
    file = photos.saved(pixels)
    assert len(file) > MAX_URI
    choose(page, file)
    expect(found(page)).to_contain_text("One digit found.")
    reads(page, 7)


def many_pixels() -> bytes:
    """PNG file that says it has 20,000 x 20,000 pixels."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(2501 * 20_000))
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )  # fmt: skip


def animation(kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("L", (20, 20), grey) for grey in (0, 255)]
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def noise(shape, dtype) -> bytes:
    most = np.iinfo(dtype).max
    pixels = np.random.default_rng(0).integers(0, most, shape, dtype)
    return photos.saved(pixels)


BAD = {
    "empty.png": (b"", "empty.png is empty. Choose a PNG or JPEG of at most 30 MB."),
    "a.pdf": (b"%PDF-1.7\n", "is a PDF and no picture.* at most 30 MB"),
    "a.heic": (
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50),
        "a HEIC picture, which this browser cannot open.* at most 30 MB",
    ),
    "a.txt": (b"seven" * 20, "not a picture that this browser can open.* 30 MB"),
    "cut.png": (photos.saved(np.eye(50, dtype=np.uint8) * 255)[:60], "is damaged"),
    "wide.png": (many_pixels(), "20000 x 20000 pixels; at most 100 million"),
    "tiny.png": (
        photos.saved(np.zeros((5, 7), np.uint8)),
        "7 x 5 pixels; the longer side must have at least 8",
    ),
    "tiny.gif": (
        photos.saved(np.zeros((5, 7), np.uint8), "GIF"),
        "7 x 5 pixels; the longer side must have at least 8",
    ),
    "apng.png": (animation("PNG"), "is animated: choose a picture with a single"),
    "a.gif": (animation("GIF"), "is animated: choose a picture with a single"),
    "a.webp": (animation("WEBP"), "is animated: choose a picture with a single"),
    "deep.png": (noise((400, 400), np.uint16), "16 bits a value.* at most 149 kB"),
    "white.png": (photos.saved(np.full((99, 99), 255, np.uint8)), "picture is blank"),
}


def test_every_file_that_cannot_be_read_gets_its_sentence(visit, explorer):
    page = visit(explorer.local_url + SEVENTH)
    reads(page, 7)
    for name, (file, words) in BAD.items():
        choose(page, file, name, "application/octet-stream")
        expect(found(page)).to_have_text(re.compile(words))
        expect(found(page).locator("img")).to_be_hidden()
        reads(page, 7)  # the pad keeps what is on it
    page.evaluate(DROP_LARGE)
    words = "large.jpg takes 31.0 MB; a picture may take at most 30 MB."
    expect(found(page)).to_have_text(words)
    plain = photos.saved(np.zeros((20, 20), np.uint8))
    give(page, "drop", plain, plain)
    expect(found(page)).to_have_text("Choose one picture at a time; 2 files came.")
    page.get_by_role("button", name="Show a test digit 0").click()
    reads(page, 0)
    expect(found(page)).to_be_hidden()


def test_without_a_server_a_picture_gets_a_sentence_and_the_pad_goes_on(
    visit, explorer, seven
):
    page = visit(explorer.local_url + SEVENTH)
    reads(page, 7)
    expect(page.locator("[data-votes]")).to_have_attribute("data-votes", "device")
    page.route(re.compile("component_server"), lambda route: route.abort())
    choose(page, seven)
    words = "The explorer does not answer. Choose the picture again."
    expect(found(page)).to_have_text(words)
    page.get_by_role("button", name="Clear").click()
    says(page, "Draw a digit.")
    page.unroute(re.compile("component_server"))
    choose(page, seven)
    expect(found(page)).to_contain_text("One digit found.")
    reads(page, 7)
    page.errors.clear()  # the refused requests
