"""What all parts of the config have in common."""

from pydantic import BaseModel, ConfigDict

LATER = "not used yet"


class Part(BaseModel):
    """A mapping of known keys; any other one is an error."""

    model_config = ConfigDict(extra="forbid", strict=False, populate_by_name=True)
