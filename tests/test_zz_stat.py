import tests.test_walk as w, collections
S=collections.Counter()
orig=w.Walk.ends_well
def ends(self):
    f=self.run(w.kept(self.database,self.vault))
    S["walks"]+=1; S["leads"]+=len(f.leads); S["owned"]+=sum(l.person is not None for l in f.leads); S["taken"]+=sum(any(k=="taken" for _,k,_ in l.events) for l in f.leads)
    S["outcome"]+=sum(any(k=="outcome" for _,k,_ in l.events) for l in f.leads)
    S["replays"]+=sum(n in f.sessions and f.complete(n) for n in w.OWNERS)
    S["bodies"]+=sum(len(b) for b in f.bodies.values()); S["seeded"]+=len(self.seeded)
    print(S, flush=True)
    orig(self)
w.Walk.ends_well=ends
class TestStat(w.Walk.TestCase): pass
TestStat.settings=w.TestWalk.settings
del w.TestWalk
