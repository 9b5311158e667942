"""From what runs to what a profile wants: the plan first, then its steps, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from host.desktop.reversing import Reversal, Reversed, back_to, standing

if TYPE_CHECKING:
    from host.desktop.profiles import Profile
    from host.protocol.messages import Source
    from host.vocabulary.views import PlanStep


@dataclass(frozen=True, slots=True)
class Switch:
    """What switching to a profile would do.

    Attributes:
        unload: names of what runs and is not in the plan.
        load: what does not run and will, dependencies first.
        swap: what runs in another version, dependencies first; its version now is ``replaces``.
        configure: settings by module, of those whose settings are others now.
    """

    profile: Profile
    unload: tuple[str, ...] = ()
    load: tuple[PlanStep, ...] = ()
    swap: tuple[PlanStep, ...] = ()
    configure: Mapping[str, Mapping[str, Any]] | None = None

    @property
    def empty(self) -> bool:
        """Whether all is as the profile wants it."""
        return not (self.unload or self.load or self.swap or self.configure)


async def planned(source: Source, profile: Profile) -> Switch:
    """Plan a switch; nothing is changed.

    Raises:
        HostError: no choice of versions will do, or nobody answers.
    """
    now = (await standing(source, ())).running
    steps = (await source.resolve(profile.wanted())).order if profile.modules else ()
    kept = {step.name for step in steps}
    settings = {name: (await source.settings(name))["settings"] for name in profile.settings if name in now}
    return Switch(
        profile,
        unload=tuple(sorted(now.keys() - kept)),
        load=tuple(step for step in steps if step.name not in now),
        swap=tuple(step for step in steps if step.name in now and now[step.name] != step.version),
        configure={
            name: each for name, each in profile.settings.items() if name in kept and settings.get(name) != each
        },
    )


async def carried_out(source: Source, switch: Switch) -> Reversal:
    """Do what was planned: what comes and changes, settings, and what goes last, when nobody needs it any more.

    Raises:
        HostError: a step was refused; those before it stay done.
    """
    touched = [*(step.name for step in (*switch.load, *switch.swap)), *reversed(switch.unload)]
    before = await standing(source, [step.name for step in switch.swap])
    wanted = switch.profile.wanted()
    changing = {step.name for step in (*switch.load, *switch.swap)}
    for name, specifier in wanted.items():
        if name in changing:
            await source.load(name, specifier)
    settings = {}
    for name, each in (switch.configure or {}).items():
        settings[name] = (await source.settings(name))["settings"]
        await source.configure(name, each)
    gone: set[str] = set()
    for name in switch.unload:
        if name not in gone:
            gone.update(await source.unload(name, cascade=True))
    text = f"profile {switch.profile.name}"
    return _with_settings(back_to(before, "", text, touched), settings)


def _with_settings(back: Reversal, settings: Mapping[str, Any]) -> Reversal:
    """The same, and settings as they were: of what runs before the rest, of what comes back after it."""
    if not settings:
        return back

    async def carry(source: Source) -> Reversed:
        running = (await standing(source, ())).running
        now = {name: (await source.settings(name))["settings"] for name in settings if name in running}
        for name in now:
            await source.configure(name, settings[name])
        done = await back.carry(source)
        running = (await standing(source, ())).running
        for name in (settings.keys() - now.keys()) & running.keys():
            await source.configure(name, settings[name])
        return Reversed(done.text, done.pause_s, _with_settings(done.reversal, {**settings, **now}))

    return Reversal(back.module, back.text, carry)
