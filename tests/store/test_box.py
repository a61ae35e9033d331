from __future__ import annotations

import numpy as np
import pytest

from delineate.core.errors import DataError
from delineate.core.geometry import Geometry
from delineate.core.volume import Volume
from delineate.plan.plan import Normaliser
from delineate.store.job import Job, Target, run_job
from delineate.store.prepare import prepare_dataset
from delineate.store.scan import prepare_case, prepare_label

TURN = np.radians(11)
OBLIQUE = ((0, np.sin(TURN), np.cos(TURN)), (0, np.cos(TURN), -np.sin(TURN)), (1, 0, 0))


def chest() -> Volume:
    """A body with lungs of air, far from the middle of an oblique CT grid."""
    z, y, x = np.meshgrid(*[np.arange(n) for n in (20, 30, 36)], indexing="ij")
    hu = np.full(z.shape, -1000, np.float32)
    hu[((y - 12) / 9) ** 2 + ((x - 15) / 12) ** 2 <= 1] = 40
    for centre in (10, 20):
        hu[((z - 10) / 7) ** 2 + ((y - 12) / 6) ** 2 + ((x - centre) / 4) ** 2 <= 1] = -800
    geometry = Geometry(shape=z.shape, spacing_mm=(6.0, 4.0, 4.0), origin_mm=(30, -20, 5), direction=OBLIQUE)
    return Volume(hu[None], geometry)


@pytest.mark.parametrize("crop", ["body", "lung"])
@pytest.mark.parametrize("axes", [(0, 1, 2), (2, 0, 1)])
def test_a_mask_on_the_cropped_grid_comes_back_bit_equal_from_48_orientations(words, crop, axes):
    plan = words.plan_of(
        tuple((6.0, 4.0, 4.0)[a] for a in axes), axes=axes, crop=crop, crop_margin_mm=9.0, channels=("CT",)
    )
    scan = chest()
    ids = np.zeros((1, *scan.geometry.shape), np.uint8)
    ids[0, 7:13, 9:15, 8:22] = np.random.default_rng(0).integers(0, 3, (6, 6, 14))
    world = None
    for order, flips in words.orientations:
        turned = words.turned(scan, order, flips)
        label = words.turned(Volume(ids, scan.geometry), order, flips).array_czyx[0]
        _, trace = prepare_case(turned, plan, plan.stages[0])
        assert np.prod(trace.crop_shape) < 0.8 * label.size and not trace.resamples
        np.testing.assert_array_equal(words.brought_back(prepare_label(label, trace), trace), label)
        world = trace.prepared.affine if world is None else world
        np.testing.assert_allclose(trace.prepared.affine, world, atol=1e-9)
        kept = trace.view(np.ones(label.shape, np.uint8)).size
        back = words.brought_back(np.ones(trace.prepared_shape, np.uint8), trace)
        assert back.sum() == kept  # outside of the crop nothing is marked


def test_the_margin_is_in_millimetres_and_stops_at_the_edge(words):
    scan = chest()
    boxes = {}
    for margin_mm in (0.0, 12.0, 500.0):
        plan = words.plan_of((6.0, 4.0, 4.0), crop="lung", crop_margin_mm=margin_mm)
        _, trace = prepare_case(scan, plan, plan.stages[0])
        boxes[margin_mm] = np.array([trace.crop_start, np.add(trace.crop_start, trace.crop_shape)])
    assert boxes[12.0].tolist() == [
        np.maximum(boxes[0.0][0] - (2, 3, 3), 0).tolist(),
        np.minimum(boxes[0.0][1] + (2, 3, 3), scan.geometry.shape).tolist(),
    ]
    assert boxes[500.0].tolist() == [[0, 0, 0], list(scan.geometry.shape)]
    lungs = np.argwhere(scan.array_czyx[0] == -800)
    assert (boxes[0.0][0] <= lungs.min(axis=0)).all() and (boxes[0.0][1] > lungs.max(axis=0)).all()


def test_the_channel_in_hounsfield_units_is_looked_at(words):
    scan = chest()
    both = Volume(np.concatenate([np.ones_like(scan.array_czyx), scan.array_czyx]), scan.geometry)
    normalisers = (Normaliser(name="zscore"),) * 2
    two = words.plan_of((6.0, 4.0, 4.0), crop="lung", channels=("PET", "CT"), normalisers=normalisers)
    one = words.plan_of((6.0, 4.0, 4.0), crop="lung")
    assert prepare_case(both, two, two.stages[0])[1] == prepare_case(scan, one, one.stages[0])[1]


def test_labels_outside_of_a_mask_s_crop_stop_preparation_and_name_a_margin_that_holds_them(words, saved, tmp_path):
    scan = chest()
    ids = np.zeros(scan.geometry.shape, np.uint8)
    ids[10, 12, 10] = 1
    ids[0, 0, 0] = 2
    data = saved(scan, ids)
    plan = words.plan_of((6.0, 4.0, 4.0), crop="lung")
    with pytest.raises(DataError, match=r"1 labelled voxels of case c lie up to \d+ mm outside of the lung") as told:
        prepare_dataset(data, plan.labels, plan, tmp_path / "out", 2**33)
    margin_mm = float(told.value.fix.split("crop_margin_mm=")[1].split()[0])
    wider = plan.model_copy(update={"crop_margin_mm": margin_mm})
    prepare_dataset(data, plan.labels, wider, tmp_path / "out", 2**33)


def test_a_crop_of_zeros_is_widened_to_hold_labels(words, saved, tmp_path):
    scan = words.scan_of()
    assert (scan.array_czyx[0, 0] == 0).all()
    ids = np.zeros(scan.geometry.shape, np.uint8)
    ids[0, 0, 0] = 2
    ids[4, 4, 4] = 1
    case = saved(scan, ids).cases[0]
    plan = words.plan_of((3.0, 1.0, 1.2), crop="nonzero")
    job = Job(case=case, labels=plan.labels, plan=plan, targets=(Target(stage=plan.stages[0], folder=tmp_path / "e"),))
    run_job(job)
    import blosc2

    label = blosc2.open(str(tmp_path / "e" / "label.b2nd"), mode="r")[:]
    assert sorted(np.unique(label)) == [0, 1, 2]


def test_voxels_to_ignore_may_be_cut_away(words, saved, tmp_path):
    from delineate.core.labels import Labels

    scan = chest()
    ids = np.full(scan.geometry.shape, 9, np.uint8)
    ids[10, 12, 10] = 1
    labels = Labels.exclusive({1: "one"}, ignore_value=9)
    plan = words.plan_of((6.0, 4.0, 4.0), crop="lung", labels=labels)
    prepare_dataset(saved(scan, ids), labels, plan, tmp_path / "out", 2**33)


@pytest.fixture
def saved(tmp_path):
    """Writes a scan and its mask as a data set of one case."""
    import SimpleITK as sitk  # noqa: N813

    from delineate.dataset.case import Case, Dataset

    def save(scan, ids):
        paths = tmp_path / "image.nrrd", tmp_path / "label.nrrd"
        for path, array in zip(paths, (scan.array_czyx[0], ids), strict=True):
            image = sitk.GetImageFromArray(array)
            image.SetSpacing(scan.geometry.spacing_mm[::-1])
            sitk.WriteImage(image, str(path))
        case = Case(name="c", images=paths[:1], label=paths[1])
        return Dataset(root=tmp_path, layout="test", channels=("CT",), cases=(case,))

    return save
