"""aiogram as its guide has it: states, a storage for them, routers, its own webhook handler.

https://docs.aiogram.dev/en/latest/dispatcher/finite_state_machine/ and ``/dispatcher/webhook.html``. With Redis where
``BENCH_REDIS`` names one, else in memory. On uvloop, with connections to Redis beyond the client's own cap: in its favour.
"""

from __future__ import annotations

import os
import sys

import aiosqlite
import uvloop
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import CommandStart
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.base import BaseStorage
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message
from aiogram.utils.keyboard import InlineKeyboardBuilder
from aiogram.webhook.aiohttp_server import SimpleRequestHandler, setup_application
from aiohttp import web

from benchmarks.owners import SECRET

from . import questions

Registration = type("Registration", (StatesGroup,), {key: State() for key in questions.KEYS})
router = Router()


class Pick(CallbackData, prefix="p"):
    key: str
    index: int


def keyboard(key: str) -> InlineKeyboardMarkup | None:
    choices = questions.CHOICES[key]
    if not choices:
        return None
    builder = InlineKeyboardBuilder()
    for index, label in enumerate(choices):
        builder.button(text=label, callback_data=Pick(key=key, index=index))
    builder.adjust(2)
    return builder.as_markup()


async def ask(message: Message, state: FSMContext, key: str, answers: dict[str, str]) -> None:
    await state.set_state(getattr(Registration, key))
    await message.answer(questions.text(key, answers), reply_markup=keyboard(key))


@router.message(CommandStart())
async def start(message: Message, state: FSMContext) -> None:
    await state.clear()
    await ask(message, state, questions.KEYS[0], {})


def typed(key: str) -> None:
    @router.message(getattr(Registration, key), F.text)
    async def answered(message: Message, state: FSMContext) -> None:
        await ask(message, state, questions.after(key), await state.update_data({key: message.text}))


def pressed(key: str) -> None:
    @router.callback_query(getattr(Registration, key), Pick.filter(F.key == key))
    async def answered(
        callback: CallbackQuery, callback_data: Pick, state: FSMContext, database: aiosqlite.Connection
    ) -> None:
        await callback.answer()
        if not isinstance(message := callback.message, Message):
            return
        if os.environ.get("BENCH_UNKEY"):
            await message.edit_reply_markup()
        answers = await state.update_data({key: questions.CHOICES[key][callback_data.index]})
        if following := questions.after(key):
            await ask(message, state, following, answers)
            return
        await questions.save(database, message.chat.id, answers)
        await state.clear()
        await message.answer(questions.DONE)


for key, choices in questions.CHOICES.items():
    pressed(key) if choices else typed(key)


def storage() -> BaseStorage:
    if not (url := os.environ.get("BENCH_REDIS")):
        return MemoryStorage()
    from aiogram.fsm.storage.redis import RedisStorage

    return RedisStorage.from_url(url, connection_kwargs={"max_connections": 2000})


def main(api: str, port: int, file: str) -> None:
    session = AiohttpSession(api=TelegramAPIServer.from_base(api))
    bot = Bot("4242424242:" + "A" * 35, session=session)
    dispatcher = Dispatcher(storage=storage())
    dispatcher.include_router(router)

    async def opened(app: web.Application) -> None:
        dispatcher["database"] = await questions.database(file)

    async def closed(app: web.Application) -> None:
        await dispatcher["database"].close()

    app = web.Application()
    app.on_startup.append(opened)
    app.on_cleanup.append(closed)
    SimpleRequestHandler(dispatcher, bot, secret_token=SECRET).register(app, path="/webhook")
    setup_application(app, dispatcher, bot=bot)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
