"""What medicine says: reviewed data, one item a file, each with its sources."""

from strigil.knowledge.load import Fault, Knowledge, KnowledgeError, load

__all__ = ["Fault", "Knowledge", "KnowledgeError", "load"]
