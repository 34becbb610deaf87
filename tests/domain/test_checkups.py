"""Every reason that a checkup has can be said."""

import re
from pathlib import Path

from bot.present import doctor

CODES = re.compile(r"[\"'](doctor_[a-z_]+)[\"']")
FOLDER = Path(doctor.__file__).parents[1]


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    used = set()
    for file in FOLDER.rglob("*.py"):
        if file != Path(doctor.__file__):
            used |= set(CODES.findall(file.read_text()))
    built = {code for code in doctor.SENTENCES if code.startswith(("doctor_way_", "doctor_sudo_"))}
    assert used - set(doctor.SENTENCES) == set()
    assert set(doctor.SENTENCES) - used - built == set()
