"""Where a review goes besides the chat: one file per way. Only `bot/app/` names them."""
