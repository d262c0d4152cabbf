"""Questions that only the person can answer, one at a time; what is answered is kept nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from providers.stream import Question, Reply

if TYPE_CHECKING:
    from console.app import Quarterdeck
    from console.screens.question import QuestionScreen


class Questions:
    """The engine asks one question at a time: another one means that the one before is over."""

    def __init__(self, app: Quarterdeck) -> None:
        self.app = app
        self._shown: QuestionScreen | None = None

    def ask(self, question: Question) -> None:
        """Put it before the person."""
        if self._shown is not None and self._shown.question.id == question.id:
            return  # told again as more sessions wait for it
        self.forget()
        if self.app.desk.loan is not None:
            self.app.desk.loan.leave()  # it could not be seen
        self.app.run_worker(self._ask(question), group="errands", exit_on_error=False)

    def forget(self) -> None:
        """Nobody waits for the answer any more."""
        if self._shown is not None:
            shown, self._shown = self._shown, None
            shown.dismiss(None)

    async def _ask(self, question: Question) -> None:
        from console.screens.question import QuestionScreen

        names = self.app.desk.named(question.sessions)
        waiting = f"{', '.join(names)} wait{'s' if len(names) == 1 else ''} for the answer." if names else ""
        screen = self._shown = QuestionScreen(question, waiting)
        answers = await self.app.push_screen_wait(screen)
        if self._shown is screen:
            self._shown = None
            self.app.link.send(Reply(id=question.id, answers=answers))
