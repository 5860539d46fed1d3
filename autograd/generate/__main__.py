"""`python -m autograd.generate`: writes what follows from the rule book and the public names."""

from __future__ import annotations

from autograd.generate import (
    engine_rules,
    machine_rules,
    operations_table,
    room_picture,
    stubs,
    update_rules,
)

if __name__ == "__main__":
    for generated in (
        engine_rules, machine_rules, update_rules, operations_table, stubs, room_picture,
    ):  # fmt: skip
        generated.write()
