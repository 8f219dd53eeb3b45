"""What tool providers can be about, as front ends sort them."""

from __future__ import annotations

from typing import Final, NamedTuple


class Label(NamedTuple):
    """A word that stands for a subject, its name in both languages, and an emoji."""

    name: str
    english: str
    chinese: str
    icon: str


LABELS: Final = (
    Label("search", "Search", "搜索", "🔎"),
    Label("image", "Image", "图像", "🖼️"),
    Label("videos", "Videos", "视频", "🎬"),
    Label("weather", "Weather", "天气", "🌦️"),
    Label("finance", "Finance", "金融", "💶"),
    Label("design", "Design", "设计", "🎨"),
    Label("travel", "Travel", "旅行", "🧳"),
    Label("social", "Social", "社交", "💬"),
    Label("news", "News", "新闻", "📰"),
    Label("medical", "Medical", "医疗", "🩺"),
    Label("productivity", "Productivity", "生产力", "🗂️"),
    Label("education", "Education", "教育", "🎓"),
    Label("business", "Business", "商业", "💼"),
    Label("entertainment", "Entertainment", "娱乐", "🎭"),
    Label("utilities", "Utilities", "实用工具", "🧰"),
    Label("other", "Other", "其他", "🔖"),
)
