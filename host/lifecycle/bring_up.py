"""How an instance comes up: read, entered, begun, given its state, put in force."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from host.discovery.bundle import Bundle
from host.discovery.config_schema import SCHEMA_NAME
from host.lifecycle.exchange import Exchange
from host.lifecycle.instance import Instance
from host.lifecycle.take_down import discard
from host.runtime.crossing import Crossing
from host.vocabulary.errors import HostError, LoadFailed, ModuleFault, NotData
from host.vocabulary.manifest import Manifest
from host.vocabulary.states import Phase, Status


def prepare(manifest: Manifest, bundle: Bundle, exchange: Exchange) -> Instance:
    """Make an instance and run its entry file; all that it registers is staged.

    Args:
        manifest: of the module.
        bundle: its sources.
        exchange: what it sees of the host.

    Raises:
        LoadFailed: at step ``read`` or ``entry``; nothing of it remains.
    """
    native = exchange.native(manifest)
    try:
        instance = Instance(manifest, bundle, native, exchange)
    except HostError as refused:
        raise LoadFailed(manifest.name, manifest.version, "entry", str(refused)) from refused
    exchange.arrived(instance)
    try:
        for path in bundle.files:
            instance.runtime.check(path)
        if native.names:
            instance.runtime.offer(native.names, exchange.run)
        with instance.entering(Phase.ENTRY):
            instance.runtime.start(manifest.entry)
        instance.entered()
    except ModuleFault as fault:
        discard(instance)
        raise refusal(manifest, "entry", fault) from fault
    return instance


def begin(instance: Instance, config: Mapping[str, Any]) -> None:
    """Call ``init``.

    Raises:
        LoadFailed: at step ``init``; the instance is as it is, for its owner to discard.
    """
    argument = _handed(instance, "init", config)
    instance.config = config
    try:
        with instance.entering(Phase.INIT):
            reason = instance.runtime.lifecycle("init", argument)
    except ModuleFault as fault:
        raise refusal(instance.manifest, "init", fault) from fault
    if reason is not None:
        raise LoadFailed(instance.name, instance.version, "init", reason, file=str(_entry(instance.manifest)))


def restore(instance: Instance, state: bytes, from_version: str) -> None:
    """Hand a snapshot over, migrated where its version is another and the module can.

    Raises:
        LoadFailed: at step ``migrate`` or ``setState``.
    """
    if not instance.runtime.has("setState"):
        return
    receive(instance, state)
    migrate(instance, from_version)
    set_state(instance)


def receive(instance: Instance, state: bytes) -> None:
    """Decode a snapshot in the new runtime."""
    _step(instance, "setState", Phase.SET_STATE, lambda: instance.runtime.receive(state))


def migrate(instance: Instance, from_version: str) -> None:
    """Call ``migrate`` where there is one and the version is another."""
    if from_version != instance.version and instance.runtime.has("migrate"):
        _step(instance, "migrate", Phase.MIGRATE, lambda: instance.runtime.migrate(from_version))


def set_state(instance: Instance) -> None:
    """Call ``setState``."""
    _step(instance, "setState", Phase.SET_STATE, instance.runtime.set_state)


def validate(instance: Instance) -> None:
    """Call ``validate``."""
    _step(instance, "validate", Phase.VALIDATE, lambda: instance.runtime.lifecycle("validate"))


def give_state(instance: Instance) -> bytes | None:
    """Have an instance give its state, which whatever comes after it will need.

    Raises:
        LoadFailed: at step ``getState``.
    """
    try:
        return instance.state()
    except ModuleFault as fault:
        failed = refusal(instance.manifest, "getState", fault)
        failed.reason = str(fault)
        raise failed from fault


def reconfigure(instance: Instance, config: Mapping[str, Any]) -> bool:
    """Call ``configure`` where there is one; whether there is.

    Raises:
        LoadFailed: at step ``configure``.
    """
    if not instance.runtime.has("configure"):
        return False
    argument = _handed(instance, "configure", config)
    _step(instance, "configure", Phase.CONFIGURE, lambda: instance.runtime.lifecycle("configure", argument))
    instance.config = config
    return True


def put_in_force(*instances: Instance) -> None:
    """Let the hooks, timers and tasks of some instances count, all from one moment on; cannot fail."""
    dispatch = instances[0].exchange.dispatch
    table = dispatch.table
    for instance in instances:
        table = table.replacing(instance.name, instance.answering, instance.rank)
    dispatch.table = table
    for instance in instances:
        instance.live = True
        instance.turn(Status.ACTIVE)
        instance.timers.start()
        instance.tasks.start()
        if instance.runtime.dead:  # one that hung in its own pause: what comes waits until it is there again
            instance.exchange.ended(instance, None)


def answer_as_allowed(instance: Instance) -> None:
    """After what it may listen to changed, have those of its hooks count that may; of one that is not live none do."""
    if instance.live:
        dispatch = instance.exchange.dispatch
        dispatch.table = dispatch.table.replacing(instance.name, instance.answering, instance.rank)


def refusal(manifest: Manifest, step: str, fault: ModuleFault) -> LoadFailed:
    """What a fault means for a load."""
    reason = fault.reason if type(fault) is ModuleFault else str(fault)
    if step == "entry" and not fault.file and fault.hook.endswith(".lua"):
        reason = f"{fault.hook}: {reason}"  # a file that could not even be compiled
    file = str(manifest.folder / fault.file) if fault.file else str(_entry(manifest))
    return LoadFailed(manifest.name, manifest.version, step, reason, file, fault.line, fault.traceback)


def _handed(instance: Instance, step: str, config: Mapping[str, Any]) -> Crossing:
    try:
        return Crossing.of(dict(config))
    except NotData as fault:
        reason = f"its configuration cannot be handed over: {fault}"
        file = str(instance.manifest.folder / SCHEMA_NAME)
        raise LoadFailed(instance.name, instance.version, step, reason, file) from fault


def _entry(manifest: Manifest) -> Path:
    return manifest.folder / manifest.entry


def _step(instance: Instance, step: str, phase: Phase, call: Callable[[], str | None]) -> None:
    try:
        with instance.entering(phase):
            reason = call()
    except ModuleFault as fault:
        raise refusal(instance.manifest, step, fault) from fault
    if reason is not None:
        raise LoadFailed(instance.name, instance.version, step, reason, file=str(_entry(instance.manifest)))
