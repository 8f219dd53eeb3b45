"""Days that were counted, as the contract shows them: those that messages and workflow runs have in common."""

from handlers.contract import schemas
from models.statistic import Rows


def render_people(rows: Rows) -> schemas.EndUserStatisticList:
    """Render an `EndUserStatisticList` of (day, number of people)."""
    return {"data": [{"date": day.isoformat(), "terminal_count": number} for day, number in rows]}


def render_costs(rows: Rows) -> schemas.CostStatisticList:
    """Render a `CostStatisticList` of (day, tokens, price, currency)."""
    return {
        "data": [
            {"date": day.isoformat(), "token_count": int(tokens), "total_price": f"{price:f}", "currency": currency}
            for day, tokens, price, currency in rows
        ]
    }


def render_interactions(rows: Rows) -> schemas.InteractionStatisticList:
    """Render an `InteractionStatisticList` of (day, mean)."""
    return {"data": [{"date": day.isoformat(), "interactions": round(float(mean), 2)} for day, mean in rows]}
