"""What trials and reviews say of a condition: groups that may stand together, a pool or why there is none, harms."""

from strigil.pathway.learn.evidence.contrasts import Contrast, contrasts, why_not
from strigil.pathway.learn.evidence.picture import Group, Harms, Picture, Views, of_condition
from strigil.pathway.learn.evidence.pools import Pooling, Seen, poolings, seen

__all__ = [
    "Contrast",
    "Group",
    "Harms",
    "Picture",
    "Pooling",
    "Seen",
    "Views",
    "contrasts",
    "of_condition",
    "poolings",
    "seen",
    "why_not",
]
