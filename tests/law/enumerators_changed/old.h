enum State { OFF = 0, ON = -5, BROKEN = 1, LAST = 2147483647 };
struct sample {
    enum State s;
    enum State more[2];
};
