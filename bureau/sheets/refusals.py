"""Why a whole list is refused, each under a stable code: what, where, what to do. Nothing of it is applied."""

from __future__ import annotations

from bureau.errors import BureauError, gettext_noop


class SheetRefused(BureauError):
    """Base of everything that makes a list REJECTED."""

    code = "SHEET_REFUSED"
    message = gettext_noop("The list is refused.")


class SheetEmpty(SheetRefused):
    code = "SHEET_EMPTY"
    message = gettext_noop(
        "The list is empty: row 1 must hold the column names, and at least one row must follow."
    )


class SheetTooLarge(SheetRefused):
    code = "SHEET_TOO_LARGE"
    message = gettext_noop("The file has more than %(limit)s MB. Split it into several lists.")


class SheetBomb(SheetRefused):
    code = "SHEET_BOMB"
    message = gettext_noop(
        "Unpacked, the workbook would have %(size)s MB; at most %(limit)s MB are opened. Copy the rows into a new workbook."
    )


class SheetRatio(SheetRefused):
    code = "SHEET_RATIO"
    message = gettext_noop(
        "Part %(part)s of the workbook is packed %(ratio)s times; at most %(limit)s times is normal. Copy the rows into a new "
        "workbook."
    )


class SheetRows(SheetRefused):
    code = "SHEET_ROWS"
    message = gettext_noop(
        "The list has more than %(limit)s rows. Split it, or remove empty rows at the end."
    )


class SheetColumns(SheetRefused):
    code = "SHEET_COLUMNS"
    message = gettext_noop(
        "Row %(line)s reaches column %(column)s; at most %(limit)s columns are read. Remove what stands far to the right."
    )


class SheetFormat(SheetRefused):
    code = "SHEET_FORMAT"
    message = gettext_noop("This looks like a %(found)s file, not like a list. Save it as XLSX or CSV.")


class SheetOldFormat(SheetRefused):
    code = "SHEET_OLD_XLS"
    message = gettext_noop(
        "This is a workbook of the old format (.xls) under another name. Open it and save it as .xlsx."
    )


class SheetEncrypted(SheetRefused):
    code = "SHEET_ENCRYPTED"
    message = gettext_noop("The workbook is protected by a password. Remove the password and send it again.")


class SheetMacros(SheetRefused):
    code = "SHEET_MACROS"
    message = gettext_noop("The workbook holds macros (%(part)s). Save it as .xlsx without macros.")


class SheetLinks(SheetRefused):
    code = "SHEET_LINKS"
    message = gettext_noop(
        "The workbook takes data from elsewhere (%(part)s). Copy the values into a new workbook."
    )


class SheetEmbedded(SheetRefused):
    code = "SHEET_EMBEDDED"
    message = gettext_noop("Another document is embedded in the workbook (%(part)s). Remove it.")


class SheetEntity(SheetRefused):
    code = "SHEET_ENTITY"
    message = gettext_noop(
        "Part %(part)s of the workbook declares XML entities, which no office program does."
    )


class SheetDamaged(SheetRefused):
    code = "SHEET_DAMAGED"
    message = gettext_noop("The workbook is damaged (%(part)s). Open it, save it anew and send it again.")


class Sheet1904(SheetRefused):
    code = "SHEET_1904"
    message = gettext_noop(
        "The workbook counts its days from 1904: every date would be off by four years. Switch off the 1904 date system."
    )


class SheetMerged(SheetRefused):
    code = "SHEET_MERGED"
    message = gettext_noop(
        "Cells are merged (%(where)s): a row would lose its values. Unmerge them, so that each row is complete."
    )


class SheetChoice(SheetRefused):
    """Not refused for good: a person says which sheet is meant."""

    code = "SHEET_CHOICE"
    message = gettext_noop("The workbook has %(number)s sheets (%(names)s). Choose the one to read.")


class SheetUnknown(SheetRefused):
    code = "SHEET_UNKNOWN"
    message = gettext_noop("There is no sheet called %(name)s.")


class HeaderNotFirst(SheetRefused):
    code = "HEADER_NOT_FIRST"
    message = gettext_noop(
        "The column names stand in row %(line)s. They must stand in row 1: remove what is above them."
    )


class HeaderDuplicate(SheetRefused):
    code = "HEADER_DUPLICATE"
    message = gettext_noop("The column %(name)s is there twice (%(first)s and %(second)s). Keep one.")


class HeaderMissing(SheetRefused):
    code = "HEADER_MISSING"
    message = gettext_noop("Missing columns: %(missing)s. Expected: %(expected)s. Found: %(found)s.")


class HeaderUnknown(SheetRefused):
    code = "HEADER_UNKNOWN"
    message = gettext_noop("Unknown columns: %(unknown)s. Expected: %(expected)s. Found: %(found)s.")


class CsvEncoding(SheetRefused):
    code = "CSV_ENCODING"
    message = gettext_noop(
        "Line %(line)s, byte %(byte)s can be read neither as UTF-8 nor as GB18030; it looks like %(looks_like)s. Save the list "
        "as CSV UTF-8."
    )


class CsvQuote(SheetRefused):
    code = "CSV_QUOTE"
    message = gettext_noop("The quote opened on line %(line)s is never closed.")


class CsvDelimiter(SheetRefused):
    code = "CSV_DELIMITER"
    message = gettext_noop(
        "The columns are separated by %(found)s, not by commas. Save the list as CSV with commas."
    )
