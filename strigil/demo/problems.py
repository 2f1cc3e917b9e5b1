"""What the made-up people come with: a complaint, the sites, what is measured; and how a technique doses it.

The values are invented for a demo and say nothing about any technique. Ids are those of the shelf; a dose stays inside
what the shelf publishes for the technique, where it publishes one.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

GONIOMETER, TAPE = "universal goniometer", "tape measure"


@dataclass(frozen=True, slots=True)
class Motion:
    """A motion that is measured: where it starts, and how much an improver gains."""

    measure: str
    start: tuple[int, int]
    gain: int
    device: str = GONIOMETER
    sided: bool = True
    step: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Problem:
    indication: str
    regions: tuple[str, ...]
    complaint: str
    activities: tuple[str, ...]
    motions: tuple[Motion, ...]
    position: str
    exercise: str
    home: str
    dash: bool = False


@dataclass(frozen=True, slots=True)
class Kit:
    """How a technique is given: instruments with an edge, strokes, and the span of its dose."""

    instruments: tuple[tuple[str, str], ...]
    strokes: tuple[str, ...]
    seconds: tuple[int, int, int]
    angles: tuple[int, ...] = ()
    per_week: str = "2"
    in_all: int = 8


_TO_WALL = Motion("ankle_dorsiflexion_wblt", (5, 8), 3, TAPE, step=Decimal("0.1"))

PROBLEMS = {
    "heel": Problem(
        "plantar_fasciitis",
        ("foot_plantar", "lower_leg_posterior"),
        "Stabbing pain under the heel with the first steps of the day.",
        ("First steps in the morning", "Standing at work for two hours"),
        (_TO_WALL,),
        "Lying face down, foot over the edge",
        "Calf stretch, heel raises",
        "Plantar stretch and calf stretch 3 times a day",
    ),
    "achilles": Problem(
        "achilles_tendinopathy",
        ("lower_leg_posterior",),
        "Stiff, sore Achilles tendon, worst when setting off.",
        ("Running 5 km", "Climbing stairs"),
        (_TO_WALL,),
        "Lying face down, ankle relaxed",
        "Slow heel raises",
        "Heel raises every other day",
    ),
    "shin": Problem(
        "shin_splints",
        ("lower_leg_medial",),
        "Aching along the inner shin during and after training.",
        ("Running for 20 minutes", "Jumping at practice"),
        (_TO_WALL,),
        "Sitting, leg supported",
        "Calf and foot strengthening",
        "Rest from hard ground, calf stretch daily",
    ),
    "neck": Problem(
        "neck_pain",
        ("neck_posterior",),
        "Stiff neck that pulls when looking over the shoulder.",
        ("Reversing the car", "Working at a screen for an hour"),
        (Motion("cervical_flexion", (38, 46), 13, sided=False), Motion("cervical_rotation", (50, 60), 12)),
        "Sitting, forehead supported",
        "Deep neck flexor training",
        "Turning exercises, 10 times, twice a day",
    ),
    "headache": Problem(
        "cervicogenic_headache",
        ("neck_posterior",),
        "One-sided headache that begins in the neck.",
        ("Reading for an hour", "Sleeping through the night"),
        (Motion("cervical_flexion", (36, 44), 13, sided=False),),
        "Lying face down",
        "Posture and neck endurance",
        "Chin tucks, 10 times, 3 times a day",
    ),
    "frozen": Problem(
        "frozen_shoulder",
        ("shoulder_posterior", "shoulder_anterior"),
        "The shoulder has slowly grown stiff and painful.",
        ("Reaching the top shelf", "Fastening a seat belt"),
        (Motion("shoulder_external_rotation", (18, 30), 18), Motion("shoulder_abduction", (70, 95), 30)),
        "Lying on the other side",
        "Pulley and wand exercises",
        "Pendulum and table slides, 5 minutes twice a day",
        dash=True,
    ),
    "cuff": Problem(
        "rotator_cuff_tear",
        ("shoulder_posterior",),
        "Pain on lifting the arm sideways.",
        ("Lifting a child", "Hanging up washing"),
        (Motion("shoulder_flexion", (115, 135), 24),),
        "Sitting, arm on a pillow",
        "External rotation with a band",
        "Band exercises every other day",
        dash=True,
    ),
    "elbow": Problem(
        "lateral_epicondylitis",
        ("forearm_lateral",),
        "Pain outside the elbow when gripping.",
        ("Lifting a kettle", "Typing for an hour"),
        (Motion("wrist_extension", (48, 56), 10),),
        "Sitting, forearm on the table",
        "Eccentric wrist extension",
        "Wrist extensor loading daily",
        dash=True,
    ),
    "golfer": Problem(
        "medial_epicondylitis",
        ("forearm_anterior",),
        "Pain inside the elbow after throwing and lifting.",
        ("Carrying shopping", "Throwing a ball"),
        (Motion("wrist_flexion", (55, 62), 10),),
        "Sitting, palm up",
        "Wrist flexor loading",
        "Wrist flexor stretch 3 times a day",
    ),
    "wrist": Problem(
        "carpal_tunnel",
        ("forearm_anterior", "hand_fingers"),
        "Night-time tingling, long known and unchanged.",
        ("Sleeping through the night", "Using scissors"),
        (Motion("wrist_extension", (50, 58), 9),),
        "Sitting, palm up",
        "Tendon gliding",
        "Night splint, tendon gliding twice a day",
    ),
    "finger": Problem(
        "trigger_finger",
        ("hand_fingers",),
        "The ring finger catches when the fist opens.",
        ("Holding a pen", "Opening jars"),
        (Motion("pip_flexion", (70, 82), 16),),
        "Sitting, hand supported",
        "Tendon gliding",
        "Tendon gliding 3 times a day",
    ),
    "knee": Problem(
        "patellar_tendinopathy",
        ("knee",),
        "Pain below the kneecap with jumping.",
        ("Jumping at training", "Walking down stairs"),
        (Motion("knee_flexion", (115, 125), 14),),
        "Lying, knee bent over a roll",
        "Slow squats on a slope",
        "Isometric holds daily",
    ),
    "knee_oa": Problem(
        "knee_oa",
        ("knee",),
        "Stiff, aching knee after sitting.",
        ("Standing up from a chair", "Walking to the shop"),
        (Motion("knee_flexion", (98, 112), 15),),
        "Lying, knee slightly bent",
        "Quadriceps strengthening",
        "Sit to stand, 10 times, twice a day",
    ),
    "hamstring": Problem(
        "hamstring_strain",
        ("thigh_posterior",),
        "Tight pull at the back of the thigh when sprinting.",
        ("Sprinting", "Sitting for an hour"),
        (Motion("straight_leg_raise", (52, 62), 18),),
        "Lying face down",
        "Eccentric hamstring work",
        "Bridge holds every other day",
    ),
    "band": Problem(
        "itb_syndrome",
        ("thigh_lateral_itb",),
        "Pain outside the knee after 3 km of running.",
        ("Running 5 km", "Walking downhill"),
        (Motion("hip_adduction", (10, 16), 8),),
        "Lying on the other side",
        "Hip abductor strengthening",
        "Side-lying leg raises daily",
    ),
    "hip": Problem(
        "trochanteric_bursitis",
        ("hip_buttock",),
        "Pain on the outer hip when lying on it.",
        ("Sleeping on the side", "Getting out of the car"),
        (Motion("hip_internal_rotation", (22, 30), 9),),
        "Lying on the other side",
        "Gluteal strengthening",
        "Clams, 15 times, daily",
    ),
    "back": Problem(
        "low_back_pain",
        ("trunk_posterior",),
        "Dull low back pain that comes with sitting.",
        ("Putting on shoes", "Sitting through a meeting"),
        (Motion("lumbar_flexion", (38, 48), 14, sided=False),),
        "Lying face down, pillow under the belly",
        "Hip hinge and trunk endurance",
        "Walking 20 minutes a day",
    ),
    "upper_back": Problem(
        "thoracic_pain",
        ("trunk_posterior",),
        "Burning between the shoulder blades by the afternoon.",
        ("Desk work for two hours", "Lifting a box"),
        (Motion("lumbar_rotation", (30, 38), 10),),
        "Sitting, leaning on the table",
        "Rowing with a band",
        "Rotation stretch twice a day",
    ),
    "scar": Problem(
        "scar_tissue",
        ("knee",),
        "The scar of an old knee operation feels tight when kneeling.",
        ("Kneeling in the garden", "Squatting"),
        (Motion("knee_flexion", (108, 118), 14),),
        "Lying, knee slightly bent",
        "Knee bends on a stool",
        "Scar massage with oil daily",
    ),
}

_IASTM_STROKES = ("sweep", "fan", "brush", "frame")

KITS = {
    "generic_iastm": Kit(
        (("stmfish", ""), ("strigil", ""), ("myobar", ""), ("edge", "")), _IASTM_STROKES, (45, 120, 15), (30, 45, 60)
    ),
    "graston": Kit(
        (("graston_gt4", ""), ("graston_gt5", "concave"), ("graston_gt1", "concave"), ("graston_gt6", "tip")),
        ("sweep", "fan", "strum", "brush"),
        (30, 60, 10),
        (30, 45, 60),
        "2",
        8,
    ),
    "astym": Kit((("astym_tools", ""),), (), (120, 240, 30), (), "2", 10),
    "edge": Kit((("edge", ""),), _IASTM_STROKES, (60, 120, 15), (20, 25, 30), "1", 6),
    "faktr": Kit((("faktr_tools", ""),), ("sweep", "fan"), (60, 120, 30), (45,), "2", 8),
    "gua_sha": Kit((("gua_sha_tools", ""),), ("press_stroke",), (180, 480, 60), (), "1", 10),
    "hawkgrips": Kit((("hawkgrips", ""),), ("frame", "sweep"), (60, 120, 30), (30, 45), "2", 8),
    "rockblades": Kit((("rockblades", ""),), ("feathering",), (60, 180, 30), (), "1", 6),
}
"""Techniques without a published time are given a plain one: somebody using them has to record something."""
