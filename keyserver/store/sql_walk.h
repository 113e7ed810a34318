#pragma once

// Conditions for a page of the rows that have one value in a column, along the index on (column,
// seq). ?1: the sequence number that the page starts after (ends before), ?2: the value. Goes with
// ORDER BY column, seq (both DESC).
//
// `column = ?2` says the same to a reader, but PostgreSQL takes it for a reason to walk the table
// by seq alone and look for something that may be nowhere in it; a pair and its end leave it that
// index only. SQLite goes by the rest, as long as it does not take the end for a range: hence NOT.
// tests/unit/keyserver/query_work_test.cpp counts what
// both read, before and after they were told how much there is of each value (ANALYZE).
//
// Macros: a statement is a literal (sql.h).

#define LATCHKEY_SQL_AFTER(column)                              \
    column " IS NOT DISTINCT FROM ?2 AND seq > ?1 AND (" column \
           ", seq) > (?2, ?1) AND NOT (" column " > ?2) "

#define LATCHKEY_SQL_BEFORE(column)                             \
    column " IS NOT DISTINCT FROM ?2 AND seq < ?1 AND (" column \
           ", seq) < (?2, ?1) AND NOT (" column " < ?2) "
