"""The record: one noun a file."""

from strigil.clinic.models.appointment import (
    DOUBLE_BOOKING,
    Appointment,
    AppointmentStatus,
    BookableTime,
    ClosedDays,
    RequestCount,
    RequestPage,
)
from strigil.clinic.models.audit import AuditEvent
from strigil.clinic.models.base import Record, Side
from strigil.clinic.models.check_in import CheckIn, ExercisesDone, Function, LinkMiss, MarkChange, MarkSize
from strigil.clinic.models.course import Course, CourseSite, CourseStatus, Goal
from strigil.clinic.models.draft import Draft, DraftPage, Merge, Sent
from strigil.clinic.models.finding import AnswerWord, Finding
from strigil.clinic.models.medicine import MedicineList
from strigil.clinic.models.patient import MayMail, Origin, Patient, Sex
from strigil.clinic.models.payer import PayerSetting
from strigil.clinic.models.photograph import Photograph, PhotographContent
from strigil.clinic.models.plan import Plan, PlanArea
from strigil.clinic.models.programme import (
    Done,
    ExerciseReport,
    ExerciseSide,
    HomeProgramme,
    PrescribedExercise,
    ProgrammeStage,
)
from strigil.clinic.models.questionnaire import QuestionnaireAnswers, QuestionnaireFile
from strigil.clinic.models.reaction import OF_A_REACTION, Reaction, ReactionCheck, SaidBy, When
from strigil.clinic.models.reading import Moment, Reading
from strigil.clinic.models.review import ReviewDecision
from strigil.clinic.models.screening import Clearance, Judged, Override, OwnAssessment, Screening
from strigil.clinic.models.shelf import KeptShelf
from strigil.clinic.models.tally import Tally
from strigil.clinic.models.visit import (
    EVALUATION,
    EXERCISE,
    NOTHING_FELT,
    Amendment,
    Direction,
    ForceMethod,
    Motion,
    Pressure,
    Treatment,
    Visit,
    VisitStatus,
)

__all__ = [
    "DOUBLE_BOOKING",
    "EVALUATION",
    "EXERCISE",
    "NOTHING_FELT",
    "OF_A_REACTION",
    "Amendment",
    "AnswerWord",
    "Appointment",
    "AppointmentStatus",
    "AuditEvent",
    "BookableTime",
    "CheckIn",
    "Clearance",
    "ClosedDays",
    "Course",
    "CourseSite",
    "CourseStatus",
    "Direction",
    "Done",
    "Draft",
    "DraftPage",
    "ExerciseReport",
    "ExerciseSide",
    "ExercisesDone",
    "Finding",
    "ForceMethod",
    "Function",
    "Goal",
    "HomeProgramme",
    "Judged",
    "KeptShelf",
    "LinkMiss",
    "MarkChange",
    "MarkSize",
    "MayMail",
    "MedicineList",
    "Merge",
    "Moment",
    "Motion",
    "Origin",
    "Override",
    "OwnAssessment",
    "Patient",
    "PayerSetting",
    "Photograph",
    "PhotographContent",
    "Plan",
    "PlanArea",
    "PrescribedExercise",
    "Pressure",
    "ProgrammeStage",
    "QuestionnaireAnswers",
    "QuestionnaireFile",
    "Reaction",
    "ReactionCheck",
    "Reading",
    "Record",
    "RequestCount",
    "RequestPage",
    "ReviewDecision",
    "SaidBy",
    "Screening",
    "Sent",
    "Sex",
    "Side",
    "Tally",
    "Treatment",
    "Visit",
    "VisitStatus",
    "When",
]
