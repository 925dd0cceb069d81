"""python-telegram-bot as its guide has it: a ConversationHandler, kept by PicklePersistence, behind a web server.

https://docs.python-telegram-bot.org/en/stable/telegram.ext.conversationhandler.html, and its example of a custom
webhook (``customwebhookbot.py``). A ConversationHandler takes one update at a time.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    PersistenceInput,
    PicklePersistence,
    filters,
)

from benchmarks.owners import SECRET

from . import questions

Context = ContextTypes.DEFAULT_TYPE


async def ask(update: Update, context: Context, key: str) -> int:
    choices = [
        InlineKeyboardButton(label, callback_data=f"{key}:{at}") for at, label in enumerate(questions.CHOICES[key])
    ]
    rows = InlineKeyboardMarkup([choices[at : at + 2] for at in range(0, len(choices), 2)]) if choices else None
    chat, given = update.effective_chat, context.user_data
    assert chat is not None
    assert given is not None
    await context.bot.send_message(chat.id, questions.text(key, given), reply_markup=rows)
    return questions.KEYS.index(key)


async def start(update: Update, context: Context) -> int:
    assert context.user_data is not None
    context.user_data.clear()
    return await ask(update, context, questions.KEYS[0])


def typed(key: str) -> Any:
    async def answered(update: Update, context: Context) -> int:
        assert update.message is not None
        assert context.user_data is not None
        context.user_data[key] = update.message.text or ""
        return await ask(update, context, questions.after(key))

    return MessageHandler(filters.TEXT & ~filters.COMMAND, answered)


def pressed(key: str) -> Any:
    async def answered(update: Update, context: Context) -> int:
        query, chat, given = update.callback_query, update.effective_chat, context.user_data
        assert query is not None
        assert chat is not None
        assert given is not None
        await query.answer()
        if os.environ.get("BENCH_UNKEY"):
            await query.edit_message_reply_markup()
        given[key] = questions.CHOICES[key][int((query.data or "").partition(":")[2])]
        if following := questions.after(key):
            return await ask(update, context, following)
        await questions.save(context.bot_data["database"], chat.id, given)
        await context.bot.send_message(chat.id, questions.DONE)
        given.clear()
        return ConversationHandler.END

    return CallbackQueryHandler(answered, pattern=f"^{key}:")


def main(api: str, port: int, file: str) -> None:
    persistence = PicklePersistence(f"{file}.pickle", PersistenceInput(bot_data=False))
    builder = Application.builder().token("4242424242:" + "A" * 35).base_url(f"{api}/bot").updater(None)
    app = builder.persistence(persistence).connection_pool_size(256).build()
    states: dict[object, list[Any]] = {
        at: [pressed(key) if choices else typed(key)] for at, (key, choices) in enumerate(questions.CHOICES.items())
    }
    talk = ConversationHandler([CommandHandler("start", start)], states, [], name="registration", persistent=True)
    app.add_handler(talk)

    async def take(request: Request) -> Response:
        if request.headers.get("x-telegram-bot-api-secret-token") != SECRET:
            return Response(status_code=403)
        await app.update_queue.put(Update.de_json(await request.json(), app.bot))
        return Response()

    async def opened() -> None:
        app.bot_data["database"] = await questions.database(file)
        await app.initialize()
        await app.start()

    async def run() -> None:
        await opened()
        routes = [Route("/webhook", take, methods=["POST"])]
        server = uvicorn.Server(
            uvicorn.Config(Starlette(routes=routes), port=port, log_level="warning", access_log=False)
        )
        await server.serve()
        await app.bot_data["database"].close()
        os._exit(0)  # its persistence has nothing more to keep for us

    import uvloop

    uvloop.run(run())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
