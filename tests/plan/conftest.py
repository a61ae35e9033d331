from __future__ import annotations

from collections.abc import Sequence

import pytest

from delineate.config import PlanConfig
from delineate.core.labels import Labels
from delineate.core.price import price_unet
from delineate.dataset.fingerprint import CaseFingerprint, ChannelFingerprint, Fingerprint
from delineate.plan.plan import Plan


class Words:
    """Fingerprints by a few numbers, and what a plan's network costs."""

    labels = Labels.exclusive({1: "front", 2: "back"})

    @staticmethod
    def case(shape, spacing_mm, crop_shape=None, name="a") -> CaseFingerprint:
        return CaseFingerprint(
            name=name, shape=shape, spacing_mm=spacing_mm, crop_start=(0, 0, 0), crop_shape=crop_shape or shape,
            class_voxels=(10, 10), content=name,
        )  # fmt: skip

    @staticmethod
    def channel(name="MR", kind="other", **changes) -> ChannelFingerprint:
        values = {
            "name": name, "kind": kind, "mean": 5.0, "std": 2.0, "median": 5.0, "percentile_00_5": 1.0,
            "percentile_99_5": 9.0, "minimum": 0.0, "maximum": 10.0, "zero_fraction": 0.0,
        }  # fmt: skip
        return ChannelFingerprint(**{**values, **changes})

    def finger(self, cases: Sequence[CaseFingerprint], *channels: ChannelFingerprint) -> Fingerprint:
        return Fingerprint(cases=tuple(cases), channels=channels or (self.channel(),), class_names=self.labels.names)

    def hippocampus(self) -> Fingerprint:
        return self.finger([self.case(s, (1.0, 1.0, 1.0)) for s in ((36, 50, 35), (34, 52, 33), (38, 48, 36))])

    def heart(self) -> Fingerprint:
        return self.finger([self.case((n, 237, 208), (10.0, 1.56, 1.56)) for n in (9, 9, 10)])

    def pictures(self) -> Fingerprint:
        cases = [self.case((1, 400, 500), (1.0, 1.0, 1.0)) for _ in range(3)]
        return self.finger(cases, self.channel("red", "picture", maximum=255.0))

    def body(self) -> Fingerprint:
        return self.finger([self.case((200, 400, 400), (2.0, 0.8, 0.8))], self.channel("CT", "ct"))

    @staticmethod
    def cost(plan: Plan) -> float:
        """Multiply-adds of one training step's forward pass."""
        stage = plan.stages[-1]
        options = {k: v for k, v in stage.net.options.items() if k != "deep_supervision"}
        price = price_unet(
            dims=plan.dims, patch=stage.patch, in_channels=len(plan.channels), out_channels=plan.labels.channels,
            residual=stage.net.name == "resenc_unet", **options,
        )  # fmt: skip
        return price.flops * stage.batch

    wanted = PlanConfig


@pytest.fixture(scope="session")
def words() -> Words:
    """See `Words`."""
    return Words()
