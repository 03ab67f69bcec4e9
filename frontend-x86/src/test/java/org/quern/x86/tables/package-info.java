/**
 * Decision tables of the system instructions: every path of the manual's pseudo-code and tables as
 * an enumeration, with the expected result computed by an independent function that cites its
 * section. {@code Table} counts, {@code *Oracle} says what the manual says, {@code *TableTest}
 * enumerates. Single examples belong beside the semantics, not here.
 */
package org.quern.x86.tables;
