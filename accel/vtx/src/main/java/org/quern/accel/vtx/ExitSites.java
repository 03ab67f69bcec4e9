package org.quern.accel.vtx;

import java.util.List;

/** A virtual machine that knows where in the guest its VM exits come from. Any thread. */
public interface ExitSites {
  /**
   * A place in the guest.
   *
   * @param reason name of the exit reason
   * @param rip of the guest at the exit
   * @param count exits there since the machine was created; of rare places not all are remembered
   */
  record Site(String reason, long rip, long count) {}

  /** The places with most exits, those first. */
  List<Site> busiest(int most);
}
