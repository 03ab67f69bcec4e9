package org.quern.x86.vmx;

import java.util.List;
import java.util.function.Predicate;

/**
 * One check of VM entry.
 *
 * @param name what must hold, for people
 * @param holds whether it does
 */
record EntryCheck(String name, Predicate<EntryState> holds) {

  /** The name of the first check that fails, or null. */
  static String firstFailure(List<EntryCheck> checks, EntryState e) {
    for (EntryCheck check : checks) {
      if (!check.holds.test(e)) {
        return check.name;
      }
    }
    return null;
  }
}
