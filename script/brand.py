"""Draw the brand images that Home Assistant and HACS show: houses that share one sun.

python -m script.brand
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, radians, sin
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FOLDER = Path("custom_components/autoconsommation_collective/brand")
ICON = 256  # px, as asked by Home Assistant; @2x doubles it
LOGO = (560, 128)  # px: the shorter side between 128 and 256
OVERSAMPLING = 4  # Pillow draws hard edges; they are smoothed by drawing large
COLOURS = 48  # flat colours and their soft edges: a palette keeps the files small

type Point = tuple[float, float]


@dataclass(frozen=True)
class Palette:
    """Colours for one background."""

    sun: str
    ray: str
    houses: tuple[str, str, str]
    door: str
    text: str


PALETTES = {
    "": Palette(
        "#f9a825", "#fbc02d", ("#2e7d32", "#00695c", "#2e7d32"), "#fff8e1", "#263238"
    ),
    "dark_": Palette(
        "#ffca28", "#ffd54f", ("#66bb6a", "#4db6ac", "#66bb6a"), "#263238", "#eceff1"
    ),
}

# In units of the icon's side.
SUN_CENTRE = (0.5, 0.27)
SUN_RADIUS = 0.145
RAY_WIDTH = 0.028
HOUSES = ((0.19, 0.62), (0.5, 0.55), (0.81, 0.62))  # tips of the roofs
HOUSE_WIDTH = 0.29
ROOF_HEIGHT = 0.14
GROUND = 0.95


def polygon(tip: Point) -> list[Point]:
    """Outline of a house below the tip of its roof."""
    x, y = tip
    eaves, wall, roof = HOUSE_WIDTH / 2, HOUSE_WIDTH * 0.4, y + ROOF_HEIGHT
    right = [(x + eaves, roof), (x + wall, roof), (x + wall, GROUND)]
    left = [(2 * x - a, b) for a, b in reversed(right)]
    return [tip, *right, *left]


def rays() -> Iterator[tuple[Point, Point]]:
    """Short rays above the sun; those below are the shares that reach the roofs."""
    x, y = SUN_CENTRE
    for angle in range(180, 361, 30):
        across, down = cos(radians(angle)), sin(radians(angle))
        near, far = SUN_RADIUS * 1.25, SUN_RADIUS * 1.65
        yield (x + near * across, y + near * down), (x + far * across, y + far * down)
    for tip_x, tip_y in HOUSES:
        across, down = tip_x - x, tip_y - y
        length = (across**2 + down**2) ** 0.5
        near = SUN_RADIUS * 1.25 / length
        far = 1 - 0.05 / length
        yield (x + near * across, y + near * down), (x + far * across, y + far * down)


def icon(side: int, colours: Palette) -> Image.Image:
    """Draw the square icon."""
    scale = side * OVERSAMPLING
    image = Image.new("RGBA", (scale, scale))
    draw = ImageDraw.Draw(image)

    def place(*points: Point) -> list[Point]:
        return [(x * scale, y * scale) for x, y in points]

    for ray in rays():
        draw.line(place(*ray), fill=colours.ray, width=round(RAY_WIDTH * scale))
    draw.circle(place(SUN_CENTRE)[0], SUN_RADIUS * scale, fill=colours.sun)
    for tip, colour in zip(HOUSES, colours.houses, strict=True):
        draw.polygon(place(*polygon(tip)), fill=colour)
        door = ((tip[0] - 0.035, GROUND - 0.13), (tip[0] + 0.035, GROUND))
        draw.rectangle(place(*door), fill=colours.door)
    return image.resize((side, side), Image.Resampling.LANCZOS)


def logo(size: tuple[int, int], colours: Palette) -> Image.Image:
    """Draw the icon beside the name."""
    width, height = size
    image = Image.new("RGBA", size)
    image.paste(icon(height, colours))
    font = ImageFont.load_default(size=height * 0.3)
    ImageDraw.Draw(image).multiline_text(
        (height * 1.15, height / 2),
        "Autoconsommation\ncollective",
        fill=colours.text,
        font=font,
        anchor="lm",
        spacing=height * 0.08,
    )
    return image.crop(
        (0, 0, min(width, (image.getbbox() or (0, 0, width, 0))[2]), height)
    )


def main() -> None:
    """Write every image."""
    FOLDER.mkdir(exist_ok=True)
    for prefix, colours in PALETTES.items():
        for suffix, times in (("", 1), ("@2x", 2)):
            images = {
                "icon": icon(ICON * times, colours),
                "logo": logo((LOGO[0] * times, LOGO[1] * times), colours),
            }
            for name, image in images.items():
                image.quantize(COLOURS, method=Image.Quantize.FASTOCTREE).save(
                    FOLDER / f"{prefix}{name}{suffix}.png", optimize=True
                )


if __name__ == "__main__":
    main()
