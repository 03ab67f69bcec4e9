package org.quern.translator;

/** How a region is translated. */
public enum Form {
  /** Memory accesses are calls of the MMU: small, soon compiled. Loops leave now and then. */
  COMPACT,

  /** Memory accesses go through windows: for what is really hot. */
  FAST
}
