"""Screen: may this patient be treated, at this site, today?

Facts, knowledge and a date go in; one outcome for the patient and one for each site come out, each with its reasons,
and with what still has to be asked. What a yes means stands in ``knowledge/contraindications`` and
``knowledge/red_flags``; nothing here knows a disease.

``rules`` compiles the shelf, ``resolve`` reads answers, ``decide`` screens one case, ``many`` a whole registry from the
same compiled rules, ``json`` carries cases and decisions.
"""

from strigil.pathway.screen.decide import questions, screen
from strigil.pathway.screen.resolve import age_on

__all__ = ["age_on", "questions", "screen"]
