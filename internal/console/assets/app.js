"use strict";(()=>{var O=new TextEncoder,N=new TextDecoder("utf-8",{fatal:!0});var u=4<<20;var tt=96<<20;var dt=1<<20;var Kt=new TextDecoder("utf-8");document.title="Sealwatch";})();
