"""Medicines: what does the name that was typed or dictated mean for the screen?

``recognise_list`` takes the names, as one text or line by line, and gives for each what it was taken for, how it was
known, and the findings that it makes a yes:

>>> from strigil.knowledge import load
>>> for one in recognise_list(["Xarelto 20 mg od", "blood thinner", "paracetamol", "simvastatin", "zzzqx"], load()):
...     print(one.typed, "|", one.status, one.name_is, "|", ", ".join(one.sets) or "no yes")
Xarelto 20 mg od | recognised brand | anticoagulants
blood thinner | ambiguous lay_term | anticoagulants
paracetamol | not_relevant generic | no yes
simvastatin | lookalike generic | no yes
zzzqx | unknown  | no yes

``classes`` are those it may belong to; ``not_relevant`` is known not to matter. ``answers_from`` turns the list into
answers. A name counts only when it is exactly one that ``knowledge/medicine_classes`` or ``knowledge/medicine_names``
holds, after folding case, accents, punctuation, spaces and trademark signs. Nothing is guessed: a misspelling is
unknown and may show what it resembles, for a person to choose. A name that is unknown, means several things or is taken
for another keeps questions open (``opens``); it never answers no.
"""

from strigil.pathway.medicines.one import choose, recognise
from strigil.pathway.medicines.records import (
    Meaning,
    MedicineAnswers,
    MedicineAsk,
    Recognition,
    Resemblance,
    Status,
)
from strigil.pathway.medicines.several import answers_from, recognise_list, taken_together
from strigil.pathway.medicines.words import fold

__all__ = [
    "Meaning",
    "MedicineAnswers",
    "MedicineAsk",
    "Recognition",
    "Resemblance",
    "Status",
    "answers_from",
    "choose",
    "fold",
    "recognise",
    "recognise_list",
    "taken_together",
]
