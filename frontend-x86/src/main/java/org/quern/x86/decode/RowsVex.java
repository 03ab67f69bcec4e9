package org.quern.x86.decode;

/** Rows of the VEX maps. Source: SDM vol. 2D, tables. */
final class RowsVex {
  private RowsVex() {}

  static final String ROWS_0F = "";
  static final String ROWS_38 = "";
  static final String ROWS_3A = "";
}
