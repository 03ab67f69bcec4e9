package org.quern.accel.software;

import org.quern.translator.Form;
import org.quern.translator.Hints;
import org.quern.x86.state.Cpu;

/**
 * What is to be translated.
 *
 * @param page with the place
 * @param offset of the place in the page
 * @param rip of the place, for its name
 * @param hints of an earlier translation
 * @param nearby other pages that the region may have code of
 * @param cpu a processor; only its model counts
 */
record TranslationRequest(
    CodePage page, int offset, long rip, Form form, Hints hints, NearbyPages nearby, Cpu cpu) {}
