"""Law 9: a kept value that looks like an e-mail address, an IP address or a key becomes its salted hash.

The whole value is replaced, by 'h_' and 32 hex digits, in every source by the same function: what joined still joins.
"""

from __future__ import annotations

import hashlib
import re

EMAIL = r"[^\s@]+(@|%40)[^\s@]+\.\pL{2,}"
IPV4 = r"(^|[^0-9A-Za-z.])((25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(25[0-5]|2[0-4]\d|1?\d?\d)($|[^0-9A-Za-z.]|\.($|[^0-9]))"
HEX = "[0-9A-Fa-f]{1,4}"
IPV6 = (
    rf"(^|[^0-9A-Za-z:.])(({HEX}:){{7}}{HEX}|({HEX}:){{1,6}}(:{HEX}){{1,6}}"
    r"|::(ffff:)?[0-9A-Fa-f.:]{2,})($|[^0-9A-Za-z:])"
)
KEY = (
    r"(^|[^0-9A-Za-z])("
    r"(sk|pk|rk|gsk|xai|whsec)[-_][0-9A-Za-z_-]{10,}"  # OpenAI, Anthropic, Langfuse, Stripe, Groq, xAI
    r"|(lsv2_|pcsk_|tvly-|nvapi-)[0-9A-Za-z_-]{20,}"  # LangSmith, Pinecone, Tavily, NVIDIA
    r"|pplx-[0-9A-Za-z]{20,}"  # Perplexity, whose models are called pplx-…, too, in words
    r"|(AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|ya29\.[0-9A-Za-z_-]{10,}"  # AWS, Google
    r"|gh[pousr]_[0-9A-Za-z]{20,}|github_pat_\w{20,}|glpat-[0-9A-Za-z_-]{15,}|hf_[0-9A-Za-z]{20,}|r8_[0-9A-Za-z]{20,}"
    r"|xox[abposr]-[0-9A-Za-z-]{10,}|[Bb]earer [0-9A-Za-z._~+/-]{10,}|eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}"
    r")"
)
# In a column of keys: Azure's are 32 hex digits or 84 letters and digits. 64 hex digits are a hash already.
ANY_KEY = r"[0-9a-fA-F]{32}|[0-9A-Za-z]{40,63}|[0-9A-Za-z]{65,}"

LOOKS_PRIVATE = "|".join((EMAIL, IPV4, IPV6, KEY))


def mask_macros(salt: str) -> str:
    """SQL macros mask(text), mask_key(text that is masked already) and mask_list(texts), in the given salt.

    The engine takes longer to prepare the pattern of what is private than to look at many texts: where a statement has
    many columns, it masks one list of them all, and so names the pattern once.
    """
    looks = _quote(LOOKS_PRIVATE)
    # What every private text has in it somewhere: one cheap look rules out nearly every text. A full match, as DuckDB
    # asks for it once of a text that a column of a Parquet file holds often.
    hint = (
        r"@|%40|\d\.\d+\.\d+\.\d|:[0-9A-Fa-f]{0,4}:|(sk|pk|rk|xai|plx|sec)[-_]|AKIA|ASIA|AIza|ya29|gh[pousr]_|hub_pat"
        r"|glpat|hf_|r8_|xox|earer |eyJ|lsv2_|pcsk_|tvly-|nvapi-"
    )
    return f"""
    create or replace macro may_be_private(x) as regexp_full_match(x, {_quote(f"(?s).*({hint}).*")});
    create or replace macro hashed(x) as 'h_' || sha256({_quote(salt)} || x)[:32];
    create or replace macro is_private(x) as
      case when may_be_private(x) then regexp_matches(x, {looks}) else false end;
    create or replace macro mask(x) as case when is_private(x) then hashed(x) else x end;
    create or replace macro mask_key(x) as
      case when regexp_full_match(x, {_quote(ANY_KEY)}) then hashed(x) else x end;
    create or replace macro mask_list(texts) as case when may_be_private(array_to_string(texts, chr(10)))
      then list_transform(texts, lambda t: mask(t)) else texts end;
    """


def looks_private(text: str) -> bool:
    """The same test for text that Python writes (names of columns, messages)."""
    return re.search(LOOKS_PRIVATE.replace(r"\pL", "[^\\W\\d_]"), text) is not None


def mask(text: str, salt: str) -> str:
    """The same replacement in Python, for what is joined with raw but does not pass through it."""
    return _hashed(text, salt) if looks_private(text) else text


def mask_key(text: str, salt: str) -> str:
    """The same for a text of a column of keys, where any key counts, not only known shapes."""
    masked = mask(text, salt)
    return _hashed(masked, salt) if re.fullmatch(ANY_KEY, masked) else masked


def _hashed(text: str, salt: str) -> str:
    return "h_" + hashlib.sha256((salt + text).encode()).hexdigest()[:32]


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
