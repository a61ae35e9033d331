"""Two folders, one of images and one of masks, told by their names (images/labels, train/train_masks ...)."""

from __future__ import annotations

from pathlib import Path

from delineate.core.errors import LayoutError
from delineate.core.listing import counted, listed
from delineate.dataset.case import Case, Dataset
from delineate.dataset.channels import name_channels
from delineate.dataset.folder import folders_in, scans_in, stem
from delineate.dataset.layouts import LAYOUTS
from delineate.dataset.pairing import pair_names
from delineate.dataset.words import (
    IMAGE_WORDS,
    LABEL_WORDS,
    TEST_WORDS,
    TRAIN_WORDS,
    VALIDATION_WORDS,
    tokens,
    trimmed,
)


@LAYOUTS.register("paired")
def find_paired(root: Path) -> Dataset | None:
    """Pairs of an image folder and a label folder, or of those in a folder for training."""
    if not root.is_dir():
        return None
    folders = [f for f in folders_in(root) if scans_in(f, deep=True)]
    for folder in folders:
        is_training = set(tokens(folder.name)) <= TRAIN_WORDS
        if (is_training or len(folders) == 1) and (inner := find_paired(folder)):
            others = [f.name for f in folders if f != folder]
            left = (f"left out: {listed(others)}",) if others else ()
            return inner.model_copy(update={"root": root, "notes": (f"cases in {folder.name}/", *inner.notes, *left)})
    chosen = _choose(root, folders)
    return chosen and _pair(root, *chosen, _note_rest(folders, chosen))


def _choose(root: Path, folders: list[Path]) -> tuple[Path, Path] | None:
    """The folder of images and the folder of labels; None where no folder is named after labels."""
    usable = [f for f in folders if not TEST_WORDS & set(tokens(f.name))]
    labels = [f for f in usable if LABEL_WORDS & set(tokens(f.name))]
    others = [f for f in usable if f not in labels]
    images = [f for f in others if IMAGE_WORDS & set(tokens(f.name))]
    if not labels:
        if any(_plain(f) <= TRAIN_WORDS and scans_in(f) for f in images):
            raise LayoutError(
                f"{root} has images in {listed(f.name for f in images)} and no folder of labels",
                "a folder such as labels or masks beside it",
                "add the labels; to segment images without labels use `delineate predict`",
            )
        return None
    images = images or others
    pairs = [(i, lab) for i in images for lab in labels if _plain(i) == _plain(lab)]
    if len(pairs) != 1:
        training = [p for p in pairs if _plain(p[0]) & TRAIN_WORDS]
        pairs = training or pairs or [(i, lab) for i in images for lab in labels]
    rivals = (
        [f for f in labels if (f not in pairs[0]) and not _plain(f) <= TRAIN_WORDS | VALIDATION_WORDS] if pairs else []
    )
    if len(pairs) == 1 and not rivals:
        return pairs[0]
    if not pairs:
        raise LayoutError(
            f"{root} has labels in {listed(f.name for f in labels)} and no images",
            "a folder such as images beside it",
            "bring the images the labels were drawn on",
        )
    raise LayoutError(
        f"{root}: which folders belong together is not clear: images in {listed(f.name for f in images)}, "
        f"labels in {listed(f.name for f in labels)}",
        "one folder of images and one of labels",
        "write a manifest.csv with the columns image,label, or move the folders you do not want elsewhere",
    )


def _plain(folder: Path) -> frozenset[str]:
    """The words of a folder's name apart from image and label: ``labelsTr`` is tr, ``train_masks`` is train."""
    return frozenset(tokens(folder.name)) - IMAGE_WORDS - LABEL_WORDS


def _note_rest(folders: list[Path], chosen: tuple[Path, Path]) -> tuple[str, ...]:
    rest = [f.name for f in folders if f not in chosen]
    return (f"folders left out: {listed(rest)}",) if rest else ()


def _pair(root: Path, image_folder: Path, label_folder: Path, notes: tuple[str, ...]) -> Dataset:
    images, test = _named(image_folder)
    labels, _ = _named(label_folder)
    pairing = pair_names(images, labels, f"{image_folder} and {label_folder}")
    if test:
        notes = (*notes, f"left out: {counted(test, 'image')} in folders named test")
    suffixes = tuple(sorted(next(iter(pairing.images.values()))))
    cases = tuple(
        Case(
            name=_case_name(name, pairing.images[name]),
            images=tuple(images[pairing.images[name][s]] for s in suffixes),
            label=labels[name],
        )
        for name in sorted(pairing.images)
    )
    channels, said = name_channels(suffixes, cases[0].images[0])
    where = f"images in {image_folder.name}/, labels in {label_folder.name}/, paired by {pairing.rule}"
    return Dataset(root=root, layout="paired", channels=channels, cases=cases, notes=(where, said, *notes))


def _case_name(label: str, images: dict[str, str]) -> str:
    """The image's name where there is one, since predictions are called after images too; else the label's."""
    name = images.get("", label)
    above, _, last = name.rpartition("/")
    return (above if above and not trimmed(tokens(last), LABEL_WORDS) else name).replace("/", "-")


def _named(folder: Path) -> tuple[dict[str, Path], int]:
    """Files by name relative to the folder, without those in folders named test, and how many these were.

    Raises:
        LayoutError: two files of one name.
    """
    named: dict[str, Path] = {}
    test = 0
    for path in scans_in(folder, deep=True):
        if any(TEST_WORDS & set(tokens(p)) for p in path.relative_to(folder).parts[:-1]):
            test += 1
            continue
        name = stem(path, folder)
        if name in named:
            raise LayoutError(
                f"two files of one name in {folder}: {named[name].name} and {path.name}",
                "one file per name",
                "remove the one that does not belong",
            )
        named[name] = path
    return named, test
