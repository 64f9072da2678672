"""What tests print for Meson, in the Test Anything Protocol."""


def report(results):
    """results: whether each held, its name, and why not."""
    print(f"1..{len(results)}")
    for number, (good, name, why) in enumerate(results, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print("# " + str(why).replace("\n", "\n# "))
