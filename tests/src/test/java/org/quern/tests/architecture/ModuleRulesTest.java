package org.quern.tests.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who may see whom. The picture is in docs/how-it-works.md; the reasons are in docs/adr. */
class ModuleRulesTest {
  private static final String FRONTEND = "org.quern.x86..";
  private static final String ACCEL_API = "org.quern.accel.api..";
  private static final String[] ACCELERATORS = {
    "org.quern.accel.software..", "org.quern.accel.vtx..", "org.quern.accel.kvm.."
  };
  private static final String MACHINE = "org.quern.machine..";
  private static final String FIRMWARE = "org.quern.firmware..";
  private static final String TRANSLATOR = "org.quern.translator..";
  private static final String BENCH = "org.quern.bench..";
  private static final String CLI = "org.quern.cli..";

  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.quern");
  }

  @Test
  void theRulesSeeEveryModule() {
    for (String p :
        new String[] {FRONTEND, ACCEL_API, ACCELERATORS[0], MACHINE, FIRMWARE, BENCH, CLI}) {
      assertThat(classes.that(resideInAPackage(p))).as(p).isNotEmpty();
    }
  }

  @Test
  void frontendDependsOnNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage(FRONTEND)
        .should()
        .dependOnClassesThat(ours().and(DescribedPredicate.not(resideInAPackage(FRONTEND))))
        .check(classes);
  }

  @Test
  void contractDependsOnTheFrontendOnly() {
    noClasses()
        .that()
        .resideInAPackage(ACCEL_API)
        .should()
        .dependOnClassesThat(
            ours().and(DescribedPredicate.not(resideInAnyPackage(ACCEL_API, FRONTEND))))
        .check(classes);
  }

  @Test
  void acceleratorsDoNotKnowMachineOrEachOther() {
    for (String accelerator : ACCELERATORS) {
      // The VMM of vtx needs a processor with VMX: that is the software core.
      String core = accelerator.equals(ACCELERATORS[1]) ? ACCELERATORS[0] : accelerator;
      noClasses()
          .that()
          .resideInAPackage(accelerator)
          .should()
          .dependOnClassesThat(
              ours()
                  .and(
                      DescribedPredicate.not(
                          resideInAnyPackage(accelerator, core, ACCEL_API, FRONTEND, TRANSLATOR))))
          .allowEmptyShould(true)
          .check(classes);
    }
  }

  @Test
  void machineKnowsTheContractAndThreePackagesOfTheFrontend() {
    noClasses()
        .that()
        .resideInAPackage(MACHINE)
        .should()
        .dependOnClassesThat(
            ours()
                .and(
                    DescribedPredicate.not(
                        resideInAnyPackage(
                            MACHINE,
                            ACCEL_API,
                            "org.quern.x86.bus..",
                            "org.quern.x86.mem..",
                            "org.quern.x86.state.."))))
        .check(classes);
  }

  @Test
  void firmwareDoesNotKnowAcceleratorsOrTheCommandLine() {
    noClasses()
        .that()
        .resideInAPackage(FIRMWARE)
        .should()
        .dependOnClassesThat(resideInAnyPackage(concat(ACCELERATORS, CLI, TRANSLATOR)))
        .check(classes);
  }

  @Test
  void benchmarksKnowTheAssemblerOnly() {
    noClasses()
        .that()
        .resideInAPackage(BENCH)
        .should()
        .dependOnClassesThat(
            ours().and(DescribedPredicate.not(resideInAnyPackage(BENCH, "org.quern.x86.asm.."))))
        .check(classes);
  }

  @Test
  void onlyTheCommandLineNamesConcreteAcceleratorsAndBoards() {
    noClasses()
        .that()
        .resideOutsideOfPackages(concat(ACCELERATORS, CLI))
        .should()
        .dependOnClassesThat(resideInAnyPackage(ACCELERATORS))
        .check(classes);
    noClasses()
        .that()
        .resideOutsideOfPackages(CLI, "org.quern.machine.pc..")
        .should()
        .dependOnClassesThat()
        .haveSimpleName("PcBoard")
        .check(classes);
  }

  @Test
  void asmIsVisibleInTheTranslatorOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage(TRANSLATOR)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.objectweb.asm..")
        .check(classes);
  }

  @Test
  void jnaAndCapstoneAreVisibleInDisassemblyAndKvmOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackages("org.quern.x86.disasm..", "org.quern.accel.kvm..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "capstone..")
        .check(classes);
  }

  @Test
  void onlyHostMemoryIsUnsafe() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("org.quern.x86.mem.HostMemory")
        .should()
        .dependOnClassesThat()
        .haveSimpleName("Unsafe")
        .check(classes);
  }

  @Test
  void packagesInsideModulesHaveNoCycles() {
    slices().matching("org.quern.machine.(*)..").should().beFreeOfCycles().check(classes);
    slices().matching("org.quern.cli.(*)..").should().beFreeOfCycles().check(classes);
  }

  private static DescribedPredicate<JavaClass> ours() {
    return resideInAPackage("org.quern..");
  }

  private static String[] concat(String[] first, String... more) {
    String[] all = java.util.Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }
}
