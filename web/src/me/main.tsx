import { createRoot } from "react-dom/client";
import "../styles.css";
import { MyPage } from "./MyPage.tsx";

createRoot(document.getElementById("page")!).render(<MyPage />);
