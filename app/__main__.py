"""`order-console`: opens the console, or does one job from the command line (see `order-console --help`)."""

from __future__ import annotations

import importlib
import sys
from argparse import SUPPRESS, ArgumentParser, ArgumentTypeError, _SubParsersAction
from collections.abc import Sequence
from pathlib import Path

from app import __version__, texts


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, run the command's module, answer its exit status. Faults of the surroundings are one line on stderr."""
    parsed = _parser().parse_args(arguments)
    if parsed.language:
        texts.use(parsed.language)
    module = importlib.import_module(parsed.module)
    try:
        return int(module.run(parsed))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not _is_known(error):
            raise
        print(f"order-console: {error}", file=sys.stderr)
        return 1


def _is_known(error: Exception) -> bool:
    from app.cli.shop import KNOWN_ERRORS

    return isinstance(error, KNOWN_ERRORS)


def _parser() -> ArgumentParser:
    parser = ArgumentParser("order-console", description="The takeaway counter of every platform you sell on.")
    parser.add_argument("--version", action="version", version=f"Order Console {__version__}")
    parser.add_argument("--language", choices=texts.LANGUAGES, help="words of the screen and of the messages")
    _shop(parser, None)
    parser.set_defaults(module="app.cli.console")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for add in (_doctor, _practice, _simulate, _torture, _serve, _receive, _relay):
        add(commands)
    for add in (_platforms, _account, _printer, _queue, _tickets, _ticket, _storefront, _menu, _refund, _voucher):
        add(commands)
    return parser


def _command(commands: _SubParsersAction[ArgumentParser], name: str, module: str, text: str) -> ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(module=module)
    return parser


def _shop(parser: ArgumentParser, default: object = SUPPRESS) -> None:
    """Before the command or after it: a subcommand that is not told leaves what was said before it."""
    parser.add_argument("--data", type=Path, metavar="DIR", default=default, help="the shop's data folder")
    text = "key file, where there is no safe keyring (mode 0600)"
    parser.add_argument("--key-file", type=Path, metavar="FILE", default=default, help=text)


def _doctor(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "doctor", "app.cli.doctor", "check everything the console needs, with a verdict each")
    _shop(parser)


def _practice(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "a pretend lunch rush on simulated platforms and a virtual printer, through the real console"
    parser = _command(commands, "practice", "app.practice.run", text)
    parser.add_argument("--orders", type=_count, default=60, metavar="N")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--speed", type=_speed, default=None, metavar="X", help="simulated seconds per real second")
    parser.add_argument("--headless", action="store_true", help="no display: a pretend member of staff presses the buttons")
    parser.add_argument("--report", type=Path, metavar="FILE.json")
    parser.add_argument("--pictures", type=Path, metavar="DIR")
    parser.add_argument("--platforms", default="eleme,hubrise", metavar="A,B", help="names, or all")
    parser.add_argument("--faults", type=int, default=1, choices=range(4), help="how bad a day: 0 perfect, 3 terrible")
    parser.add_argument("--data", type=Path, metavar="DIR", help="keep the practice data here")


def _simulate(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "run one platform's simulator, or a printer that fails, alone on 127.0.0.1"
    parser = _command(commands, "simulate", "app.cli.simulate", text)
    parser.epilog = (
        "Prints its address, and what the account form asks for, as one line of JSON. A platform takes POST"
        ' ADDRESS/_practice/order (somebody orders), /_practice/push-to {"url": ...} (where its pushes go: an account\'s'
        ' hook address) and /_practice/event {"order_id": ..., "event": ...}; GET ADDRESS/_practice/records tells what'
        " happened."
    )
    parser.add_argument("platform", metavar="PLATFORM|printer")
    parser.add_argument("--port", type=_port, default=0, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="S")
    parser.add_argument("--faults", metavar="LEVEL|FILE.json", help="a platform's level, 0 to 3; a printer's knobs as JSON")
    group = parser.add_argument_group("platforms")
    group.add_argument("--speed", type=_speed, default=1.0, metavar="X", help="simulated seconds per real second")
    text = "another way into the platform (another door, generation or site); a wrong NAME tells which there are"
    group.add_argument("--variant", default="", metavar="NAME", help=text)
    group.add_argument("--rush", type=float, default=0.0, metavar="ORDERS_PER_MINUTE")
    group = parser.add_argument_group("printer")
    group.add_argument("--width", type=int, choices=(80, 58), default=80, help="paper in mm")
    group.add_argument("--tspl", action="store_true", help="a label printer")
    group.add_argument("--window", action="store_true", help="show the paper rolling out")


def _torture(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "kill the engine over and over, then check that every promise was kept"
    parser = _command(commands, "torture", "app.practice.torture", text)
    parser.add_argument("--kills", type=_count, metavar="K", help="60; with --printing one for every six orders")
    parser.add_argument("--seed", type=int, default=1, metavar="S")
    parser.add_argument("--report", type=Path, metavar="FILE.json")
    group = parser.add_argument_group("printing")
    text = "printers fail all the time, and their own paper is judged"
    group.add_argument("--printing", dest="module", action="store_const", const="app.practice.print_torture", help=text)
    group.add_argument("--orders", type=_count, default=60, metavar="N")
    group.add_argument("--printers", type=_count, default=5, metavar="P")


def _serve(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "serve", "app.cli.serve", "run the engine without a window")
    parser.add_argument("--port", type=_port, default=0, metavar="N", help="port of the webhook receiver on 127.0.0.1")
    parser.add_argument("--poll-seconds", type=float, metavar="X", help="pause between polls, instead of the platform's own")
    _shop(parser)


def _receive(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "on a public machine: take webhooks for counters behind NAT and keep them in NATS JetStream"
    parser = _command(commands, "receive", "app.cli.receive", text)
    parser.add_argument("--nats", required=True, metavar="URL", help="tls://HOST:PORT, or nats:// on this machine")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT", help="TLS ends before it")
    parser.add_argument("--credentials", type=Path, metavar="FILE", help="user:password, or a .creds file")
    parser.add_argument("--shops", type=Path, metavar="FILE.json", help="who may be written to (see app/relay/README.md)")
    parser.add_argument("--monitor", default="", metavar="URL", help="the NATS server's monitoring address, to check it")


def _relay(commands: _SubParsersAction[ArgumentParser]) -> None:
    group = _command(commands, "relay", "app.cli.relay", "where pushed orders are fetched from").add_subparsers(
        required=True, metavar="ACTION"
    )
    wish = _command(group, "set", "app.cli.relay", "fetch pushed orders from this relay from now on")
    wish.set_defaults(action="set")
    wish.add_argument("url", metavar="URL", help='tls://HOST:PORT of the NATS server; "" ends it')
    wish.add_argument("--shop", default="", metavar="NAME", help="our name there")
    wish.add_argument("--credentials", type=Path, metavar="FILE", help="user:password, readable by its owner alone")
    _shop(wish)
    shown = _command(group, "show", "app.cli.relay", "the relay and how it stands")
    shown.set_defaults(action="show")
    _shop(shown)


def _platforms(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "every platform: how its orders arrive, what the buttons do there, what it cannot do, how sure we are"
    parser = _command(commands, "platforms", "app.cli.platforms", text)
    parser.add_argument("name", nargs="*", metavar="NAME", help="these only, with the fields that `account add` takes")
    parser.add_argument("--json", action="store_true")


def _account(commands: _SubParsersAction[ArgumentParser]) -> None:
    group = _command(commands, "account", "app.cli.accounts", "accounts on platforms").add_subparsers(
        required=True, metavar="ACTION"
    )
    add = _command(group, "add", "app.cli.accounts", "sign in on a platform, test it and save it")
    add.set_defaults(action="add")
    add.add_argument("platform", metavar="PLATFORM", help="as `platforms` names it")
    text = "one of those that `platforms PLATFORM` lists; FIELD=@FILE reads a secret from a file"
    add.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help=text)
    add.add_argument("--address", default="", metavar="URL", help="a sandbox or a simulator instead of the platform")
    add.add_argument("--name", default="", help="what the shop calls it")
    add.add_argument("--auto-accept", action="store_true", help="accept its new orders without asking anybody")
    _shop(add)
    _account_change(group)
    listed = _command(group, "list", "app.cli.accounts", "every account with its health")
    listed.set_defaults(action="list")
    listed.add_argument("--json", action="store_true")
    _shop(listed)


def _account_change(group: _SubParsersAction[ArgumentParser]) -> None:
    text = "sign in again or change settings, tested before saved; the account keeps its orders"
    change = _command(group, "change", "app.cli.accounts", text)
    change.set_defaults(action="change")
    change.add_argument("account", type=int, metavar="ID", help="as `account list` shows it")
    change.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="FIELD=@FILE reads a secret from a file"
    )
    change.add_argument("--address", metavar="URL", help='another address; "" for the platform\'s own')
    change.add_argument("--name", default="", help="what the shop calls it")
    switch = change.add_mutually_exclusive_group()
    switch.add_argument("--off", dest="enabled", action="store_false", default=None, help="take no more orders from it")
    switch.add_argument("--on", dest="enabled", action="store_true", default=None, help="take its orders again")
    change.add_argument("--auto-accept", choices=("yes", "no"))
    _shop(change)


def _printer(commands: _SubParsersAction[ArgumentParser]) -> None:
    group = _command(commands, "printer", "app.cli.printers", "kitchen printers").add_subparsers(
        required=True, metavar="ACTION"
    )
    add = _command(group, "add", "app.cli.printers", "add a printer; it is asked what it can do once it is reachable")
    add.set_defaults(action="add")
    add.add_argument("name")
    add.add_argument("address", type=_address, nargs="?", metavar="HOST:PORT", help="of a printer on the network")
    add.add_argument("--kind", default="lan", help="lan, usb, serial, spooler, cups, feie or yilianyun")
    add.add_argument("--dialect", default="escpos", help="escpos, or tspl for a label printer")
    add.add_argument("--station", default="kitchen")
    add.add_argument("--paper", "--width", default="80", metavar="PAPER", help="80, 58, or a label such as 40x30")
    add.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="FIELD=@FILE reads it from a file")
    _shop(add)
    _printer_change(group)
    find = _command(group, "find", "app.cli.printers", "look for printers on this computer's own networks")
    find.set_defaults(action="find")
    find.add_argument("--mdns", action="store_true", help="those that announce themselves")
    find.add_argument("--broadcast", action="store_true", help="those that answer Epson's broadcast")
    find.add_argument("--scan", metavar="RANGE", help="ask each address inside the own /24, such as 192.168.1.0/24")
    find.add_argument("--interface", metavar="ADDR", help="one of this computer's addresses, instead of all private ones")
    find.add_argument("--port", type=_port, default=9100, metavar="N", help="the port a scan asks at")
    find.add_argument("--yes", action="store_true", help="scan without being asked")
    find.add_argument("--json", action="store_true")
    listed = _command(group, "list", "app.cli.printers", "every printer with its health")
    listed.set_defaults(action="list")
    listed.add_argument("--json", action="store_true")
    _shop(listed)


def _printer_change(group: _SubParsersAction[ArgumentParser]) -> None:
    change = _command(group, "change", "app.cli.printers", "change a printer, or switch it off; its tickets stay")
    change.set_defaults(action="change")
    change.add_argument("printer", type=int, metavar="ID", help="as `printer list` shows it")
    change.add_argument("--name", default="")
    change.add_argument("--paper", default="", metavar="PAPER", help="80, 58, or a label such as 40x30")
    change.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="such as host=10.0.0.6")
    switch = change.add_mutually_exclusive_group()
    switch.add_argument("--off", dest="enabled", action="store_false", default=None, help="print nothing there")
    switch.add_argument("--on", dest="enabled", action="store_true", default=None, help="print there again")
    _shop(change)


def _queue(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "queue", "app.cli.listing", "the order queue, as the screen would show it")
    parser.set_defaults(action="queue")
    parser.add_argument("--json", action="store_true")
    _shop(parser)


def _tickets(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "tickets", "app.cli.listing", "the print ledger")
    parser.set_defaults(action="tickets")
    parser.add_argument("--json", action="store_true")
    _shop(parser)


def _ticket(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "ticket", "app.cli.ticket", "turn one platform payload into any of our papers")
    text = "one order as the platform sent it; tests/platforms/NAME/fixtures has some of each"
    parser.add_argument("payload", type=Path, metavar="PAYLOAD.json", help=text)
    parser.add_argument("--platform", required=True, metavar="NAME")
    parser.add_argument("--station", default="kitchen")
    template = "kitchen, dish, expediter, packing, courier, receipt, label, changed, void, urge, totals, test, or a file"
    parser.add_argument("--template", default="kitchen", metavar="NAME|FILE.json", help=template)
    parser.add_argument("--sheet", type=int, default=1, metavar="N", help="which slip, where there is one a dish")
    parser.add_argument("--width", choices=("80", "58", "40x30", "50x30", "60x40"), default="80", help="paper in mm")
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--bytes", type=Path, metavar="FILE")
    target.add_argument("--png", type=Path, metavar="FILE")
    target.add_argument("--printer", type=_address, metavar="HOST:PORT")


def _storefront(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "how the shop stands on its platforms; open it, pause it or call it busy there"
    parser = _command(commands, "shop", "app.cli.storefront", text)
    parser.add_argument("action", nargs="?", choices=("show", "open", "pause", "busy"), default="show")
    _on_accounts(parser)
    _shop(parser)


def _menu(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "menu", "app.cli.menu", "what the platforms sell; take a dish off sale, or sell it again")
    parser.add_argument("action", nargs="?", choices=("show", "86", "back"), default="show")
    parser.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="of the dish, as the platform spells it, or its id"
    )
    _on_accounts(parser)
    _shop(parser)


def _on_accounts(parser: ArgumentParser) -> None:
    text = "for so long; without it until somebody changes it again"
    parser.add_argument("--minutes", type=_count, metavar="N", help=text)
    parser.add_argument(
        "--account", type=int, action="append", default=[], metavar="ID", help="this one only; may be repeated"
    )
    parser.add_argument("--json", action="store_true")


def _refund(commands: _SubParsersAction[ArgumentParser]) -> None:
    parser = _command(commands, "refund", "app.cli.refund", "give a customer money back, where the platform takes that")
    parser.add_argument("order", type=int, metavar="ORDER", help="its id, as `queue` shows it")
    wish = parser.add_mutually_exclusive_group()
    text = "such as 8.50; without it, or a dish, all that is left (some platforms then cancel the order)"
    wish.add_argument("--amount", metavar="X", help=text)
    text = "what this dish cost, or so many portions of it (Rice=2); may be repeated"
    wish.add_argument("--dish", action="append", default=[], metavar="NAME[=N]", help=text)
    parser.add_argument("--reason", default="", help="for the platform and the customer")
    parser.add_argument("--json", action="store_true")
    _shop(parser)


def _voucher(commands: _SubParsersAction[ArgumentParser]) -> None:
    text = "vouchers that customers show at the counter: look at a code, redeem it, take it back"
    group = _command(commands, "voucher", "app.cli.voucher", text).add_subparsers(required=True, metavar="ACTION")
    first = (("look", "what is behind a code; changes nothing"), ("redeem", "redeem it, under one key for ever"))
    for action, words in first:
        parser = _voucher_action(group, action, words)
        parser.add_argument("code", metavar="CODE", nargs="+", help="as it is printed; blanks do not matter")
        accounts = "as `account list` shows it; without it whichever account knows the code"
        parser.add_argument("--account", type=int, action="append", default=[], metavar="ID", help=accounts)
    parser.add_argument("--uses", type=_count, default=1, metavar="N", help="of a card with several")
    later = (("take-back", "undo a redemption"), ("ask", "ask again what nobody answered; never redeems twice"))
    for action, words in later:
        parser = _voucher_action(group, action, words)
        parser.add_argument("redemption", type=int, metavar="NUMBER", help="as `voucher list` shows it")
    _voucher_action(group, "list", "today's redemptions, and whatever is unanswered")


def _voucher_action(group: _SubParsersAction[ArgumentParser], action: str, text: str) -> ArgumentParser:
    parser = _command(group, action, "app.cli.voucher", text)
    parser.set_defaults(action=action)
    parser.add_argument("--json", action="store_true")
    _shop(parser)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise ArgumentTypeError(f"expected a number of at least 1, not {text!r}")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _address(text: str) -> str:
    host, colon, port = text.partition(":")
    if not host or (colon and _port(port) == 0):
        raise ArgumentTypeError(f"expected HOST:PORT such as 10.0.0.5:9100, not {text!r}")
    return text


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed < float("inf"):
        raise ArgumentTypeError(f"a speed is more than 0, not {text!r}")
    return speed


if __name__ == "__main__":
    sys.exit(main())
