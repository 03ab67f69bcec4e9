package org.quern.accel.vtx;

/**
 * What the way out of a guest and back into it costs on real processors, in cycles of that
 * processor: the transitions alone, without what the VMM does between them. Published measurements;
 * docs/comparison.md has each source and says which figure was checked against it.
 */
public enum ExitPrice {
  PRESCOTT("Prescott", 2005, 3963),
  MEROM("Merom", 2006, 1579),
  PENRYN("Penryn", 2008, 1266),
  NEHALEM("Nehalem", 2009, 1009),
  /** With the first effects of the VMM's own code on caches and VMCS accesses. */
  NEHALEM_KVM("Nehalem with KVM", 2009, 2000),
  WESTMERE("Westmere", 2010, 761),
  SANDY_BRIDGE("Sandy Bridge", 2011, 784);

  private final String generation;
  private final int year;
  private final int cycles;

  ExitPrice(String generation, int year, int cycles) {
    this.generation = generation;
    this.year = year;
    this.cycles = cycles;
  }

  public String generation() {
    return generation;
  }

  /** When processors of that generation came out. */
  public int year() {
    return year;
  }

  /** Cycles of one round trip. */
  public int cycles() {
    return cycles;
  }
}
