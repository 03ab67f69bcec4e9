package org.quern.cli.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;

class JUnitXmlTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Report report =
      new Report("kut", "today", new PrintStream(printed, true, StandardCharsets.UTF_8));

  private Element written() throws Exception {
    byte[] xml = JUnitXml.text(report).getBytes(StandardCharsets.UTF_8);
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml))
        .getDocumentElement();
  }

  private void add(String name, Verdict v, String detail) {
    report.add(new CaseResult("apic", name, v, 3, detail, 0.25, "quern -kernel " + name));
  }

  @Test
  void countsAndCases() throws Exception {
    add("ok", Verdict.PASS, "");
    add("bad", Verdict.FAIL, "wrong <flags> & \"more\"");
    add("not here", Verdict.SKIP, "needs KVM");

    Element suite = written();

    assertThat(suite.getTagName()).isEqualTo("testsuite");
    assertThat(suite.getAttribute("tests")).isEqualTo("3");
    assertThat(suite.getAttribute("failures")).isEqualTo("1");
    assertThat(suite.getAttribute("skipped")).isEqualTo("1");
    Element bad = (Element) suite.getElementsByTagName("testcase").item(1);
    assertThat(bad.getAttribute("classname")).isEqualTo("kut.apic");
    assertThat(bad.getAttribute("time")).isEqualTo("0.250");
    Element failure = (Element) bad.getElementsByTagName("failure").item(0);
    assertThat(failure.getAttribute("message")).isEqualTo("wrong <flags> & \"more\"");
    assertThat(bad.getElementsByTagName("system-out").item(0).getTextContent())
        .isEqualTo("quern -kernel bad");
  }

  @Test
  void controlCharactersOfAGuestDoNotBreakTheFile() throws Exception {
    add("noise", Verdict.FAIL, "a\u0000b\u001b[1m\uffff");

    Element failure = (Element) written().getElementsByTagName("failure").item(0);

    assertThat(failure.getAttribute("message")).isEqualTo("a?b?[1m?");
  }

  @Test
  void theTableCountsPerGroupAndAFailureShowsItsCommand() {
    add("bad", Verdict.FAIL, "wrong");
    report.finish();

    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("FAIL  bad", "      quern -kernel bad\n")
        .containsPattern("all +0 +1 +0 +3\n");
  }
}
