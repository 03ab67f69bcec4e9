package org.quern.cli.difftest;

/** Instructions that go into the guest together, each with its cases. */
final class Batch {
  final CodeSlot[] slots = new CodeSlot[Layout.MAX_BLOCKS];
  final int[] firstCase = new int[Layout.MAX_BLOCKS + 1];
  int blocks;
  int cases;
}
