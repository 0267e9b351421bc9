"""Photo-like files of MNIST's digits, by kind of fault, and drawings by strokes, for `benchmarks/pictures.py` and the tests."""

import io
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, ImageDraw

SIDE = 480  # pixels
Picture = np.ndarray
Light = Callable[[np.random.Generator], Picture]


@dataclass(frozen=True)
class Kind:
    """Kind of picture: the file of a test image (28, 28) with the chance of a generator, and the least number read rightly of 100."""

    name: str
    least: int
    file: Callable[[Picture, np.random.Generator], bytes]


WHITE, PEN = (200, 250), (15, 60)  # greys of paper and pen


def cover(image: Picture, rng: np.random.Generator) -> Picture:
    """Share of ink (480, 480) on each pixel of a sheet, with the digit at a random size and position."""
    size = int(rng.integers(SIDE * 2 // 5, SIDE * 3 // 4))
    top, left = rng.integers(0, SIDE - size, 2)
    sheet = np.zeros((SIDE, SIDE))
    large = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
    sheet[top : top + size, left : left + size] = np.asarray(large) / 255
    return sheet


def saved(pixels: Picture, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def developed(grey: Picture, rng: np.random.Generator, noise: float) -> bytes:
    """JPEG of some quality, with a sensor's noise."""
    noisy = grey + rng.normal(0, noise, grey.shape)
    quality = int(rng.integers(45, 96))
    return saved(noisy.clip(0, 255).astype(np.uint8), "JPEG", quality=quality)


def photo(paper, pen, light: Light | None = None, noise=3.0, extra=None):
    """Drawer of photos: paper and pen of a grey from `paper` and `pen`, under a light, with `extra` upon the sheet."""

    def draw(image: Picture, rng: np.random.Generator) -> bytes:
        ink = cover(image, rng)
        sheet = rng.uniform(*paper) * (1 - ink) + rng.uniform(*pen) * ink
        if light:
            sheet = sheet * light(rng)
        return developed(extra(sheet, ink, rng) if extra else sheet, rng, noise)

    return draw


def _direction(rng: np.random.Generator) -> Picture:
    """Position of each pixel along a random direction, -0.5 to 0.5 or a little beyond."""
    down, across = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    return np.cos(angle) * across + np.sin(angle) * down


def fall_off(share: float) -> Light:
    def light(rng: np.random.Generator) -> Picture:
        along = _direction(rng)
        return 1 - share * (along - along.min()) / np.ptp(along)

    return light


def shadow(share: float) -> Light:
    """Shadow across the sheet, with an edge from hard to as soft as a tenth of the sheet."""

    def light(rng: np.random.Generator) -> Picture:
        softness = np.exp(rng.uniform(np.log(0.003), np.log(0.05)))
        away = (_direction(rng) - rng.uniform(-0.2, 0.2)) / softness
        return 1 - share / (1 + np.exp(-away.clip(-50, 50)))

    return light


def rules(levels, tilt=0.0, is_grid=False) -> Light:
    """Ruled lines of a share of the paper's grey, at some spacing and thickness, tilted by up to `tilt` degrees."""

    def light(rng: np.random.Generator) -> Picture:
        angle = np.deg2rad(rng.uniform(-tilt, tilt))
        down, across = np.mgrid[0:SIDE, 0:SIDE]
        every, thick = rng.uniform(20 if is_grid else 35, 50 if is_grid else 90), rng.uniform(1.5, 4)  # fmt: skip
        directions = [np.cos(angle) * down - np.sin(angle) * across]
        if is_grid:
            directions.append(np.sin(angle) * down + np.cos(angle) * across)
        lines = np.max(
            [thick / 2 + 0.5 - np.abs(along % every - every / 2) for along in directions], 0
        )  # fmt: skip
        return 1 - (1 - rng.uniform(*levels)) * lines.clip(0, 1)

    return light


def edge(sheet: Picture, ink: Picture, rng: np.random.Generator) -> Picture:
    turns = int(rng.integers(4))
    sheet = np.rot90(sheet, turns).copy()
    sheet[:, : rng.integers(3, 20)] = rng.uniform(0, 80)
    return np.rot90(sheet, -turns)


def speck(sheet: Picture, ink: Picture, rng: np.random.Generator) -> Picture:
    size = int(rng.integers(3, 8))
    top, left = rng.choice([6, SIDE - 6 - size], 2)
    sheet[top : top + size, left : left + size] = rng.uniform(0, 60)
    return sheet


INKS = (  # paper and ink
    ((250, 250, 245), (200, 30, 30)), ((250, 250, 245), (30, 60, 190)), ((255, 250, 150), (30, 30, 120)),
    ((250, 250, 250), (240, 200, 40)), ((30, 80, 50), (240, 240, 230)), ((250, 250, 250), (250, 120, 170)),
    ((40, 60, 120), (250, 150, 60)), ((120, 160, 120), (200, 100, 90)), ((180, 140, 100), (40, 30, 30)),
)  # fmt: skip


def coloured(image: Picture, rng: np.random.Generator) -> bytes:
    ink = cover(image, rng)[..., None]
    paper, pen = np.array(INKS[rng.integers(len(INKS))], float)
    return developed(paper * (1 - ink) + pen * ink, rng, 3)


# Stored turns that a viewer undoes, by EXIF's orientation.
STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
}  # fmt: skip


def held_otherwise(image: Picture, rng: np.random.Generator) -> bytes:
    orientation = int(rng.choice(list(STORED)))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    upright = Image.fromarray((235 - 195 * cover(image, rng)).astype(np.uint8))
    stored = np.asarray(upright.transpose(STORED[orientation]))
    return saved(stored, str(rng.choice(["PNG", "JPEG"])), exif=exif.tobytes())


def on_transparent(image: Picture, rng: np.random.Generator) -> bytes:
    pixels = np.empty((SIDE, SIDE, 4), np.uint8)
    pixels[..., :3] = rng.choice([0, 0, 255, 90])
    pixels[..., 3] = 255 * rng.uniform(0.2, 0.6) * cover(image, rng)
    return saved(pixels)


def note(image: Picture, rng: np.random.Generator) -> bytes:
    """Opaque note, somewhere on a larger transparent canvas."""
    ink = cover(image, rng)
    grey = rng.uniform(180, 255) * (1 - ink) + rng.uniform(0, 60) * ink
    canvas = Image.new("RGBA", (2 * SIDE, 2 * SIDE), (0, 0, 0, 0))
    left, top = map(int, rng.integers(0, SIDE, 2))
    canvas.paste(Image.fromarray(grey.astype(np.uint8)).convert("RGBA"), (left, top))
    return saved(np.asarray(canvas))


def on_table(image: Picture, rng: np.random.Generator) -> bytes:
    """Photo of a sheet that lies, a little turned, wholly on a darker table."""
    ink = np.pad(cover(image, rng), SIDE // 4)
    table = rng.uniform(20, 130)
    sheet = Image.fromarray(rng.uniform(*WHITE) * (1 - ink) + rng.uniform(*PEN) * ink)
    turned = sheet.rotate(
        rng.uniform(-5, 5), Image.Resampling.BILINEAR, expand=True, fillcolor=table
    )
    room = rng.integers(SIDE // 8, SIDE // 2, 4)
    grey = np.pad(
        np.asarray(turned), (room[:2], room[2:]), constant_values=(table, table)
    )
    return developed(grey, rng, 3.0)


def sixteen(bits: int):
    def draw(image: Picture, rng: np.random.Generator) -> bytes:
        ink = cover(image, rng)
        return saved(((2**bits - 1) * (1 - ink)).astype(np.uint16))

    return draw


def cropped(image: Picture, rng: np.random.Generator) -> bytes:
    """The digit cropped to its ink with 0 to 2 pixels of margin, of either polarity, as it is or enlarged."""
    rows, columns = (np.flatnonzero(image.any(axis)) for axis in (1, 0))
    crop = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    crop = np.pad(crop, int(rng.integers(3)))
    pixels = Image.fromarray(255 - crop if rng.random() < 0.5 else crop)
    scale = int(rng.choice([1, 5, 15]))
    size = (pixels.width * scale, pixels.height * scale)
    return saved(np.asarray(pixels.resize(size, Image.Resampling.BICUBIC)))


def tiny(image: Picture, rng: np.random.Generator) -> bytes:
    """The digit in 8 x 8 pixels, of either polarity."""
    small = Image.fromarray(image).crop((4, 4, 24, 24)).resize((8, 8), Image.Resampling.BOX)  # fmt: skip
    pixels = np.asarray(small)
    return saved(255 - pixels if rng.random() < 0.5 else pixels)


KINDS = (
    Kind("clean photo", 99, photo(WHITE, PEN)),
    Kind("grey paper", 99, photo((125, 190), (10, 45))),
    Kind("pencil", 99, photo((220, 245), (140, 180))),
    Kind("chalk on a dark board", 99, photo((30, 80), (190, 245))),
    Kind("underexposed", 97, photo((80, 125), (10, 25))),
    Kind("bright ink on a light-grey board", 97, photo((130, 165), (230, 254))),
    Kind("shadow of 30 %", 97, photo(WHITE, PEN, shadow(0.30))),
    Kind("shadow of 45 %", 93, photo(WHITE, PEN, shadow(0.45))),
    Kind("shadow of 60 %", 90, photo(WHITE, PEN, shadow(0.60))),
    Kind("light falling off by 45 %", 98, photo(WHITE, PEN, fall_off(0.45))),
    Kind("light falling off by 60 %", 95, photo(WHITE, PEN, fall_off(0.60))),
    Kind("chalk under light falling off by 50 %", 95, photo((60, 130), (210, 250), fall_off(0.50))),
    Kind("weak rules", 99, photo((225, 250), PEN, rules((0.70, 0.85)))),
    Kind("strong rules", 90, photo((225, 250), PEN, rules((0.45, 0.60)))),
    Kind("strong rules, tilted by up to 5°", 90, photo((225, 250), PEN, rules((0.45, 0.60), 5))),
    Kind("grid paper", 90, photo((225, 250), PEN, rules((0.50, 0.75), 1, is_grid=True))),
    Kind("dark edge along one side", 95, photo(WHITE, PEN, extra=edge)),
    Kind("speck in a corner", 98, photo(WHITE, PEN, extra=speck)),
    Kind("coloured ink", 97, coloured),
    Kind("much noise", 97, photo(WHITE, PEN, noise=15)),
    Kind("EXIF orientation 2 to 8", 99, held_otherwise),
    Kind("ink of 20 to 60 % opacity, transparent canvas", 97, on_transparent),
    Kind("opaque note on a transparent canvas", 97, note),
    Kind("sheet on a darker table", 95, on_table),
    *(Kind(f"16-bit file, {bits} bits used", 99, sixteen(bits)) for bits in (8, 10, 12)),
    Kind("cropped to the ink, 0 to 2 pixels of margin", 99, cropped),
    Kind("8 x 8 pixels", 95, tiny),
)  # fmt: skip


def plain(image: Picture) -> bytes:
    """One digit, dark on white, enlarged six times."""
    size = (6 * image.shape[1], 6 * image.shape[0])
    large = Image.fromarray(255 - image).resize(size, Image.Resampling.BICUBIC)
    return saved(np.pad(np.asarray(large), 40, constant_values=255))


def several(images: list[Picture], rng: np.random.Generator) -> bytes:
    """Digits side by side or one above the other, at different sizes, with gaps from a tenth of a digit."""
    is_column = rng.random() < 0.25
    base = rng.uniform(90, 200)
    strip = np.zeros((int(2.2 * base), int(base)))
    for image in images:
        size = int(base * rng.uniform(0.75, 1.3))
        large = Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC)
        ink = np.asarray(large) / 255
        rows, columns = (np.flatnonzero((ink > 0.1).any(axis)) for axis in (1, 0))
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        ink = ink.T if is_column else ink
        part = np.zeros((len(strip), ink.shape[1] + int(base * rng.uniform(0.1, 0.6))))
        top = int(rng.uniform(base / 4, len(strip) - len(ink) - base / 4))
        part[top : top + len(ink), : ink.shape[1]] = ink
        strip = np.hstack([strip, part])
    strip = np.pad(strip, ((0, 0), (0, int(base / 2))))
    ink = strip.T if is_column else strip
    paper, pen = (235, 40) if rng.random() < 0.7 else (50, 220)
    return developed(paper * (1 - ink) + pen * ink, rng, 3)


# Strokes of digits in a unit square, across before down.
FORMS = (
    (0, [[(.5, 0), (.2, .12), (.08, .5), (.2, .88), (.5, 1), (.8, .88), (.92, .5), (.8, .12), (.5, 0)]]),
    (1, [[(.5, 0), (.5, 1)]]),
    (1, [[(.3, .2), (.55, 0), (.55, 1)]]),
    (2, [[(.1, .2), (.3, .02), (.7, .02), (.88, .25), (.75, .5), (.1, 1), (.92, 1)]]),
    (3, [[(.12, .05), (.75, .05), (.88, .22), (.75, .42), (.4, .48), (.75, .54), (.9, .75), (.75, .95), (.12, .98)]]),
    (4, [[(.3, 0), (.08, .6), (.92, .6)], [(.7, .2), (.7, 1)]]),
    (4, [[(.65, 1), (.65, 0), (.05, .65), (.95, .65)]]),
    (5, [[(.2, .06), (.15, .45), (.6, .42), (.88, .65), (.7, .95), (.12, .97)], [(.2, 0), (.85, 0)]]),
    (6, [[(.75, 0), (.3, .3), (.12, .7), (.3, .97), (.7, .97), (.85, .75), (.65, .55), (.3, .58), (.14, .75)]]),
    (7, [[(.08, 0), (.92, 0), (.4, 1)]]),
    (7, [[(.08, 0), (.92, 0), (.4, 1)], [(.3, .5), (.85, .5)]]),
    (8, [[(.5, .46), (.2, .3), (.25, .05), (.5, 0), (.75, .05), (.8, .3), (.5, .46), (.15, .7), (.2, .95), (.5, 1), (.8, .95), (.85, .7), (.5, .46)]]),
    (9, [[(.85, .25), (.65, .02), (.3, .04), (.14, .28), (.3, .5), (.65, .5), (.85, .25), (.8, .6), (.6, 1)]]),
    (9, [[(.8, .3), (.5, 0), (.18, .25), (.45, .5), (.8, .3), (.8, 1)]]),
)  # fmt: skip
SIZES = (20, 52, 88)  # pixels of the digit's height on the pad


def drawings(side: int = 112):
    """Pads (112, 112) with drawn digits, paper 0, and their digits: every form at three sizes, 42 in all."""
    for digit, strokes in FORMS:
        for size in SIZES:
            pad = Image.new("L", (4 * side, 4 * side), 0)
            pen = ImageDraw.Draw(pad)
            width = 4 * max(3, size // 9)
            for stroke in strokes:
                points = [(4 * (12 + size * 0.7 * x), 4 * (12 + size * y)) for x, y in stroke]  # fmt: skip
                pen.line(points, 255, width, joint="curve")
                for x, y in points:
                    pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), 255)  # fmt: skip
            yield digit, np.asarray(pad.resize((side, side), Image.Resampling.BOX))
