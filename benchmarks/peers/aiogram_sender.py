"""No dialogue and no storage: each update is answered by aiogram's own Bot with a template. What the library alone costs."""

from __future__ import annotations

import sys

import orjson
import uvloop
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiohttp import web

FOUR = InlineKeyboardMarkup(
    inline_keyboard=[[InlineKeyboardButton(text=f"Pilihan {n}", callback_data=f"p:{n}")] for n in range(4)]
)


def main(api: str, port: int, _: str) -> None:
    bot = Bot("4242424242:" + "A" * 35, session=AiohttpSession(api=TelegramAPIServer.from_base(api)))

    async def take(request: web.Request) -> web.Response:
        update = orjson.loads(await request.read())
        if query := update.get("callback_query"):
            await bot.answer_callback_query(query["id"])
        chat = (query or update)["message"]["chat"]["id"]
        await bot.send_message(chat, "Pertanyaan berikutnya, boleh dijawab singkat?", reply_markup=FOUR)
        return web.Response()

    app = web.Application()
    app.router.add_post("/webhook", take)
    web.run_app(app, host="127.0.0.1", port=port, access_log=None, print=None, loop=uvloop.new_event_loop())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
