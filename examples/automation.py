"""For an app that reacts: events become e-mails and calendar entries, each of them once.

Run it with ``python examples/automation.py``.
"""

from datetime import UTC, date, datetime, timedelta

import attrs

import salesflow as sf
from salesflow.models import events as ev

DAY, START = timedelta(days=1), datetime(2026, 3, 2, 9, tzinfo=UTC)
PLAY = sf.Playbook("They saw it work.", tasks=[sf.TaskTemplate("Call", due_in_days=2)])
PIPELINE = sf.Pipeline(
    "sales",
    [sf.Stage("talk", playbook=PLAY), sf.Stage("won", kind="won"), sf.Stage("lost", kind="lost")],
)


@attrs.define
class Outbox:
    """What would be sent, by the id of what caused it: a key that a real one stores, too."""

    emails: dict[str, str] = attrs.field(factory=dict)
    calendar: dict[str, str] = attrs.field(factory=dict)

    def react(self, deal: sf.Deal, event: ev.Event) -> None:
        """Say what an event asks for. It may be called twice: the second time changes nothing."""
        if isinstance(event, ev.StageChanged) and event.stage_kind == "won":
            self.emails.setdefault(event.id, f"To {deal.name}: thank you!")
        elif isinstance(event, ev.StageChanged) and event.revisit_on:
            self.calendar.setdefault(event.id, f"{event.revisit_on} Look at {deal.name} again")
        elif isinstance(event, ev.ActivityLogged) and event.activity.planned_at:
            day, what = event.activity.planned_at.date(), event.activity.kind
            self.calendar.setdefault(event.id, f"{day} {what} with {deal.name}")

    def remind(self, deal: sf.Deal, as_of: datetime) -> None:
        """Write to the owner about each task that is late; its id is deterministic, too."""
        for task in sf.tasks(deal, PIPELINE, as_of=as_of):
            if task.state == "overdue":
                self.emails.setdefault(task.id, f"To {deal.owner_id}: {task.title} {deal.name}!")


@attrs.define
class App:
    """Deals, the outbox, and for each deal the version that was handled last."""

    deals: dict[str, sf.Deal] = attrs.field(factory=dict)
    outbox: Outbox = attrs.field(factory=Outbox)
    handled: dict[str, int] = attrs.field(factory=dict)

    def run(self, *, crash: bool = False) -> None:
        """Handle what is new; a crash comes after the work, before it is noted."""
        for deal in self.deals.values():
            for event in sf.events_since(deal, self.handled.get(deal.id, 0)):
                self.outbox.react(deal, event)
            if not crash:
                self.handled[deal.id] = deal.version


if __name__ == "__main__":
    app = App()
    won = PIPELINE.open("Acme", id="D-1", owner_id="kim", at=START)
    won = PIPELINE.log(won, "demo", planned_at=START + 7 * DAY, at=START)
    lost = PIPELINE.open("Bolt", id="D-2", owner_id="lee", at=START)
    app.deals = {deal.id: deal for deal in (won, lost)}
    app.outbox.remind(lost, START + 3 * DAY)
    app.run(crash=True)
    app.deals["D-1"] = PIPELINE.win(won, at=START + 8 * DAY)
    revisit_on = date(2026, 9, 1)
    app.deals["D-2"] = PIPELINE.lose(lost, "budget", revisit_on=revisit_on, at=START + 9 * DAY)
    for _ in range(2):
        app.run()
        app.outbox.remind(lost, START + 4 * DAY)
    for key, text in [*app.outbox.emails.items(), *app.outbox.calendar.items()]:
        print(key, text)
    assert list(app.outbox.emails) == ["D-2:1:call", "D-1:3"]
    assert list(app.outbox.calendar) == ["D-1:2", "D-2:2"]
