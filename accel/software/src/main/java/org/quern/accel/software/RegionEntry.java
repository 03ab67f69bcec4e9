package org.quern.accel.software;

import org.quern.translator.Form;
import org.quern.translator.Region;

/** A place where translated code can be entered. */
record RegionEntry(Region region, int index, Form form) {}
