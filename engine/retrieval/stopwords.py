"""Words that are so common that they tell nothing about what a text is about."""

_ENGLISH = """
a about above after again all also am an and any are aren't as at be because been before being
below between both but by can can't cannot could couldn't did didn't do does doesn't doing don't
down during each few for from further had has have having he her here hers him his how i if in into
is isn't it it's its itself just me more most my no nor not of off on once only or other our ours
out over own same she should so some such than that that's the their theirs them then there these
they this those through to too under until up upon us very was wasn't we were weren't what when
where whether which while who whom whose why will with won't would you your yours
"""

_CHINESE = """
的 了 在 是 我 有 和 就 不 人 都 一 一个 上 也 很 到 说 要 去 你 会 着 没有 看 好 自己 这 那 与 及
以及 或 或者 而 而且 被 把 将 于 之 其 为 因为 所以 但 但是 并 并且 什么 哪 哪个 哪些 谁 多少 几 吗
呢 吧 啊 如何 怎么 怎样 何 何时 哪里 哪儿 哪一 的话 这个 那个 这些 那些 他 她 它 他们 她们 它们
我们 你们 对 对于 从 由 以 等 还 还是 又 再 才 只 则 即 若 如果 虽然 可以 能 能够 时 中 里 后 前 下
来 过 得 地 个 是否 为什么
"""

_CHINESE_FUNCTION_CHARACTERS = "的了着在是和与及或而被把于之其为也都就不这那吗呢吧啊"

ENGLISH_STOP_WORDS = frozenset(_ENGLISH.split())
CHINESE_STOP_WORDS = frozenset(_CHINESE.split())
CHINESE_FUNCTION_CHARACTERS = frozenset(_CHINESE_FUNCTION_CHARACTERS)
"""Characters that join words or close sentences: a pair that holds one seldom stands inside a word."""
