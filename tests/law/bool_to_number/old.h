struct sample {
    bool a;
    bool b[2];
    bool c;
};
